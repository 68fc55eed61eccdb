import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { useEmbeddedPostgres } from '../../src/platform/embedded-postgres/use.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { builtProgram } from '../support/cli.ts';

const root = packageRoot(import.meta.url);
let dataDir: string;

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'rollcall-cli-'));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** Runs `rollcall …` as a process of its own, on a data folder and a port that no one serves. */
function rollcall(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const { DATABASE_URL: _, ...inherited } = process.env;
    const child = spawn(process.execPath, [builtProgram('cli/main.ts'), ...args], {
      cwd: root,
      env: { ...inherited, NODE_OPTIONS: '', DATA_DIR: dataDir, PORT: '1', ...env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('close', (code) => resolve({ code, output }));
  });
}

describe('rollcall', () => {
  test('demo, with no server running, starts one and shows what Okta and Entra ID leave in Postgres', async () => {
    const { code, output } = await rollcall(['demo']);
    expect(output).toContain('No server answers');
    expect(output).not.toContain('✗');
    expect(output).toMatch(
      /What Okta left in Postgres, in the organization "Demo Okta [\d :-]+":[\s\S]*test\.user@okta\.local +active +scim/,
    );
    expect(output).toMatch(
      /What Entra ID left in Postgres, in the organization "Demo Entra ID [\d :-]+":[\s\S]*jane\.young@contoso\.example +active +scim/,
    );
    expect(code).toBe(0);
  }, 60_000);

  test('init creates an organization once, and explains how to create another', async () => {
    const init = ['init', '--org', 'Acme', '--owner-email', 'owner@acme.example'];
    const first = await rollcall(init);
    expect(first.output).toMatch(/rollcall_scim_[\w-]{43}/);
    expect(first.code).toBe(0);
    const second = await rollcall(init);
    expect(second.output).toContain('--another');
    expect(second.code).toBe(1);
  }, 60_000);

  test('jobs lists background jobs, retries dead ones by kind, and discards them', async () => {
    const none = await rollcall(['jobs', 'list', '--state', 'dead']);
    expect(none).toEqual({ code: 0, output: 'No jobs found.\n' });
    const postgres = await useEmbeddedPostgres({ dataDir });
    try {
      const client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      await client.query(
        `insert into jobs (id, org_id, kind, due_at, created_at, dead_at, attempts, last_error)
        select gen_random_uuid(), gen_random_uuid(), kind, now(), now(), now(), 9, 'Rejected.'
        from unnest(array['send_mail', 'send_mail', 'export_person']) as kind`,
      );
      await client.end();
      const listed = await rollcall(['jobs', 'list', '--state', 'dead']);
      expect(listed.output.match(/send_mail +dead +9 .*Rejected\./g)).toHaveLength(2);
      const retried = await rollcall(['jobs', 'retry', '--kind', 'send_mail']);
      expect(retried).toEqual({ code: 0, output: 'Put back into the queue: 2 jobs.\n' });
      const waiting = await rollcall(['jobs', 'list', '--state', 'waiting', '--kind', 'send_mail']);
      expect(waiting.output.match(/send_mail +waiting +0 /g)).toHaveLength(2);
      const discarded = await rollcall(['jobs', 'discard', '--all']);
      expect(discarded).toEqual({ code: 0, output: 'Discarded: 1 job.\n' });
      expect((await rollcall(['jobs', 'retry'])).code).toBe(64);
    } finally {
      await postgres.stop();
    }
  }, 60_000);

  test('reports wrong settings with 78 and a wrong command line with 64', async () => {
    const settings = await rollcall(['migrate'], { DATABASE_URL: 'mysql://x', ROLLCALL_X: '1' });
    expect(settings.code).toBe(78);
    expect(settings.output).toContain('DATABASE_URL');
    expect(settings.output).toContain('ROLLCALL_X');
    expect((await rollcall(['dance'])).code).toBe(64);
    expect((await rollcall(['--help'])).output).toContain('demo');
  }, 60_000);
});

test('npm start ends with the server when a supervisor stops npm', async () => {
  // What it starts is built already; the test of the image builds as `npm start` does.
  const folder = mkdtempSync(join(dataDir, 'package-'));
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(process.env['TEST_BUILD'] ?? '', join(folder, 'dist'));
  const { DATABASE_URL: _, ...inherited } = process.env;
  const npm = spawn('npm', ['start', '--ignore-scripts'], {
    cwd: folder,
    env: { ...inherited, NODE_OPTIONS: '', DATA_DIR: mkdtempSync(join(dataDir, 'npm-')), PORT: '0' },
  });
  let output = '';
  const listening = new Promise<void>((resolve) => {
    npm.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('"listening"')) resolve();
    });
  });
  const closed = new Promise<number | null>((resolve) => npm.on('close', resolve));
  await listening;
  npm.kill('SIGTERM');
  expect(await closed).toBe(0);
  expect(output).toContain('"stopped"');
}, 60_000);
