import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

/** The command that starts PgBouncer: of the environment, else the one on the path. */
function command(): readonly [string, ...string[]] {
  const [program = 'pgbouncer', ...rest] = (process.env['TEST_PGBOUNCER'] ?? 'pgbouncer').split(' ');
  return [program, ...rest];
}

/** Why PgBouncer cannot be tested here; undefined if it can. Prepared statements need 1.21. */
export async function missingPgBouncerReason(): Promise<string | undefined> {
  const [program, ...rest] = command();
  try {
    const { stdout } = await run(program, [...rest, '--version']);
    const [, major = 0, minor = 0] = /PgBouncer (\d+)\.(\d+)/.exec(stdout) ?? [];
    return Number(major) > 1 || Number(minor) >= 21
      ? undefined
      : `PgBouncer ${major}.${minor} is older than 1.21`;
  } catch {
    return 'PgBouncer is not installed';
  }
}

/** Starts PgBouncer in transaction mode. @returns the URL that leads through it to the same database, and how to stop it */
export async function startPgBouncer(
  databaseUrl: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const target = new URL(databaseUrl);
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-pgbouncer-'));
  const port = await freePort();
  const configuration = join(folder, 'pgbouncer.ini');
  await writeFile(
    configuration,
    [
      '[databases]',
      `* = host=${target.hostname} port=${target.port} user=${target.username} password=${decodeURIComponent(target.password)}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'auth_type = any',
      'pool_mode = transaction',
      'max_prepared_statements = 500',
      'default_pool_size = 8',
      'unix_socket_dir =',
    ].join('\n'),
    { mode: 0o644 },
  );
  const [program, ...rest] = command();
  // It rejects to run as root.
  const asUser = userInfo().uid === 0 ? ['-u', 'nobody'] : [];
  await run('chmod', ['755', folder]);
  const child = spawn(program, [...rest, ...asUser, configuration], { stdio: 'ignore' });
  for (let left = 100; left > 0 && !(await accepts(port)); left -= 1) await delay(50);
  target.hostname = '127.0.0.1';
  target.port = String(port);
  return {
    url: target.href,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      if (child.exitCode === null) await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
