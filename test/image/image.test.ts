import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packageRoot } from '../../src/platform/package-root.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { parseDockerfile, type Stage } from '../support/image/dockerfile.ts';
import { parseDockerignore } from '../support/image/dockerignore.ts';
import { contextFiles, copyContext, copyFromBuild, runBuildStage, takenBy } from '../support/image/stages.ts';
import { type ServerProcess, startServer } from '../support/interop/server-process.ts';

const root = packageRoot(import.meta.url);
const stages = parseDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'));
const [build, final] = stages as [Stage, Stage];
const isRoot = process.getuid?.() === 0;
/** The user `node` of the official images. */
const NODE_USER = { uid: 1000, gid: 1000 };

describe('.dockerignore', () => {
  const isIgnored = parseDockerignore('# comment\n*\n!src\n!a.json\n**/*.test.ts\nsrc/secret?.txt\n');

  test.each([
    ['README.md', true],
    ['docs/api.md', true],
    ['a.json', false],
    ['src/main.ts', false],
    ['src/deep/er/file.ts', false],
    ['src/deep/file.test.ts', true],
    ['src/secret1.txt', true],
    ['src/deep/secret1.txt', false],
  ])('decides about %s as Docker does', (path, ignored) => {
    expect(isIgnored(path)).toBe(ignored);
  });
});

describe('the image', () => {
  let folder: string;
  let app: string;
  let data: string;
  let bin: string;
  let files: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-image-'));
    await chmod(folder, 0o755);
    [app, data, bin] = [join(folder, 'app'), join(folder, 'data'), join(folder, 'bin')];
    const built = join(folder, 'build');
    for (const each of [app, bin, built]) await mkdir(each);
    files = await contextFiles(root);
    await runBuildStage(build, root, files, built);
    await copyFromBuild(final, built, root, app);
    await copyContext(final, root, files, app);
    for (const command of final.commands) {
      // Only root may give a file to another user.
      if (command.startsWith('chown') && !isRoot) continue;
      execFileSync('sh', ['-c', here(command)], { cwd: app });
    }
    execFileSync('chmod', ['-R', 'a-w', app]);
  }, 120_000);

  afterAll(async () => {
    execFileSync('chmod', ['-R', 'u+w', folder]);
    await rm(folder, { recursive: true, force: true });
  });

  /** A command or path of the image, as it is on this machine. */
  function here(command: string): string {
    return command
      .replaceAll('/app', app)
      .replaceAll('/data', data)
      .replaceAll('/usr/local/bin', bin)
      .replaceAll('node:node', `${NODE_USER.uid}:${NODE_USER.gid}`);
  }

  /** The environment of the image, on this machine, and nothing of this process but its PATH. */
  const imageEnv = (env: Record<string, string> = {}): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '',
    ...final.env,
    DATA_DIR: data,
    ...env,
  });

  const run = (command: string, args: readonly string[], env: Record<string, string>) =>
    spawnSync(command, args, {
      cwd: app,
      env: imageEnv(env),
      encoding: 'utf8',
      ...(isRoot ? NODE_USER : {}),
    });

  test('has Node 24 in every stage', () => {
    expect(stages.map(({ image }) => image)).toEqual(['node:24-bookworm-slim', 'node:24-bookworm-slim']);
  });

  test('copies nothing that .dockerignore hides', () => {
    const sources = stages.flatMap(({ copies }) =>
      copies.filter(({ from }) => from === undefined).flatMap((copy) => copy.sources),
    );
    expect(sources.length).toBeGreaterThan(8);
    expect(sources.filter((source) => takenBy(source, files).length === 0)).toEqual([]);
  });

  test('contains no test, no benchmark and no development package', () => {
    expect(files.filter((file) => /\.test\.ts$|^(?:bench|test|docs)\//.test(file))).toEqual([]);
    const found = execFileSync('find', [
      app,
      '-path',
      `${app}/node_modules`,
      '-prune',
      '-o',
      '-type',
      'f',
      '-print',
    ])
      .toString()
      .split('\n');
    expect(found.filter((file) => /bench|\.test\.(?:ts|js)$/.test(file.slice(app.length)))).toEqual([]);
    expect(existsSync(join(app, 'node_modules/express'))).toBe(true);
    expect(existsSync(join(app, 'node_modules/typescript'))).toBe(false);
  });

  test('runs as the user node', () => {
    expect(final.user).toBe('node');
  });

  test('has the command rollcall', () => {
    const { stdout, status } = run(join(bin, 'rollcall'), ['--help'], {});
    expect(stdout).toContain('Usage: rollcall <command>');
    expect(status).toBe(0);
  });

  describe(`started ${isRoot ? 'as another user' : 'as this user (only root can start it as another one)'}`, () => {
    let database: TestDatabase;
    let server: ServerProcess;
    let port: string;
    let metricsPort: string;

    beforeAll(async () => {
      database = await createDatabase();
      [port, metricsPort] = [String(await freePort()), String(await freePort())];
      const [program = '', ...args] = final.start;
      server = await startServer(program, args, {
        cwd: app,
        env: imageEnv({ PORT: port, METRICS_PORT: metricsPort, DATABASE_URL: database.url }),
        inheritEnv: false,
        ready: `http://127.0.0.1:${port}/healthz`,
        withinMs: 60_000,
        ...(isRoot ? NODE_USER : {}),
      });
    }, 90_000);

    afterAll(async () => {
      await server?.stop();
      await database?.drop();
    });

    test('runs as that user', () => {
      const owner = execFileSync('ps', ['-o', 'uid=', '-p', String(server.pid)], { encoding: 'utf8' });
      expect(owner.trim()).toBe(String(isRoot ? NODE_USER.uid : process.getuid?.()));
    });

    test('replays the provisioning runs that are copied into it', () => {
      const { stdout, status } = run(join(bin, 'rollcall'), ['demo'], {
        PORT: port,
        DATABASE_URL: database.url,
      });
      expect(stdout).toContain('What Okta left in Postgres');
      expect(status).toBe(0);
    }, 30_000);

    test('is ready, and cannot change its own files', async () => {
      expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
      expect(run('sh', ['-c', 'touch package.json dist/x'], {}).status).not.toBe(0);
    });

    test('serves metrics on their own port', async () => {
      expect((await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).status).toBe(200);
    });

    test('has a health check that works on any port', async () => {
      const [program = '', ...args] = final.healthCheck;
      expect(run(program, args, { PORT: port, METRICS_PORT: metricsPort }).status).toBe(0);
      expect(run(program, args, { PORT: String(await freePort()) }).status).toBe(1);
    });
  });
});
