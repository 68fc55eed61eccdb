import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { killWatchdogOf, spawnPostgresOwner } from '../support/postgres-owners.ts';

const settings = { fsync: 'off' };

let seed: string;
let dataDir: string;
let running: EmbeddedPostgres[];

beforeAll(async () => {
  seed = await makeFolder();
  await (await startEmbeddedPostgres({ dataDir: seed, settings })).stop();
});

afterAll(() => rm(seed, { recursive: true }));

beforeEach(async () => {
  running = [];
  dataDir = await makeFolder();
});

afterEach(async () => {
  await Promise.all(running.map((postgres) => postgres.stop()));
  await rm(dataDir, { recursive: true });
});

/** Root runs Postgres as another user, who has no access to mkdtemp's private folder. */
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `rollcall-test-${process.pid}-`));
  await chmod(folder, 0o755);
  return folder;
}

/** What a first start has left, without waiting for one. */
async function useExistingData(): Promise<void> {
  await promisify(execFile)('cp', ['-a', join(seed, 'postgres'), dataDir]);
}

async function start(onLog: (line: string) => void = () => undefined): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, settings, onLog });
  running.push(postgres);
  return postgres;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const serverPid = async () =>
  Number((await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8')).split('\n')[0]);

async function untilGone(path: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (!(await stat(path).catch(() => undefined))) return;
    await delay(50);
  }
  throw new Error(`${path} is still there.`);
}

test('what was written is there after a stop and a start', async () => {
  const first = await start();
  await query(first.url, 'create table notes as select 1 as id');
  await first.stop();
  const second = await start();
  expect(await query(second.url, 'select id from notes')).toEqual([{ id: 1 }]);
  expect(second.dataDir).toBe(join(await realpath(dataDir), 'postgres/cluster'));
});

if (process.getuid?.() === 0) {
  test('by root, data goes where the user that Postgres runs as can reach it, and stays there', async () => {
    await chmod(dataDir, 0o700);
    const first = await start();
    const home = dirname(first.dataDir);
    try {
      expect(home).toMatch(/^\/var\/lib\/rollcall\//);
      expect(first.placement[0]).toContain(`can't reach ${dataDir}: the data is in ${home}`);
      await query(first.url, 'create table notes as select 1 as id');
      await first.stop();
      const second = await start();
      expect(second.dataDir).toBe(first.dataDir);
      expect(await query(second.url, 'select id from notes')).toEqual([{ id: 1 }]);
      await second.stop();
    } finally {
      await rm(home, { recursive: true });
    }
  });
}

test('it listens on this machine only, and wants the password', async () => {
  await useExistingData();
  const { url } = await start();
  expect(await query(url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  const wrong = new URL(url);
  wrong.password = 'guess';
  await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
});

test('text is ordered and lower-cased alike on every machine', async () => {
  await useExistingData();
  const { url } = await start();
  expect(await query(url, "select lower('ÉÄ') as lower, 'B' < 'a' as ordered")).toEqual([
    { lower: 'éä', ordered: true },
  ]);
});

test('the password and the folder are for their owner only', async () => {
  await start();
  const mode = async (path: string) => (await stat(join(dataDir, path))).mode & 0o777;
  expect(await mode('postgres')).toBe(0o700);
  expect(await mode('postgres/password')).toBe(0o600);
});

test('a second Rollcall on the same data is rejected with a sentence, and the first continues', async () => {
  await useExistingData();
  const owner = await spawnPostgresOwner(dataDir);
  try {
    await expect(start()).rejects.toThrow(
      `Another Rollcall (process ${owner.pid}) is running on the data in`,
    );
    expect(await query(owner.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  } finally {
    await owner.kill('SIGKILL');
  }
});

test('Postgres ends when the process that owns it is killed', async () => {
  await useExistingData();
  const owner = await spawnPostgresOwner(dataDir);
  await owner.kill('SIGKILL');
  await untilGone(join(dataDir, 'postgres/cluster/postmaster.pid'));
});

test('a Postgres that outlived its killed owner is ended, and the data is whole', async () => {
  await useExistingData();
  const owner = await spawnPostgresOwner(dataDir);
  await query(owner.url, 'create table notes as select 1 as id');
  const orphan = await serverPid();
  await killWatchdogOf(orphan);
  await owner.kill('SIGKILL');
  process.kill(orphan, 0);
  const lines: string[] = [];
  const { url } = await start((line) => lines.push(line));
  expect(lines).toContain('Stopped the Postgres that a killed Rollcall left running.');
  await expect(query(owner.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  expect(await query(url, 'select id from notes')).toEqual([{ id: 1 }]);
});

test('after a crash of owner and Postgres together, what was committed is there', async () => {
  await useExistingData();
  const owner = await spawnPostgresOwner(dataDir);
  await query(owner.url, 'create table notes as select 1 as id');
  const server = await serverPid();
  await killWatchdogOf(server);
  await owner.kill('SIGKILL');
  process.kill(server, 'SIGKILL');
  const { url } = await start();
  expect(await query(url, 'select id from notes')).toEqual([{ id: 1 }]);
});

test('a Postgres that is killed from outside comes back on the same address', async () => {
  await useExistingData();
  const lines: string[] = [];
  const { url } = await start((line) => lines.push(line));
  process.kill(await serverPid(), 'SIGKILL');
  const ready = () => lines.filter((line) => line.includes('ready to accept connections')).length === 2;
  for (let tries = 0; tries < 200 && !ready(); tries++) await delay(50);
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('process numbers that mean something else by now are no obstacle', async () => {
  await useExistingData();
  const first = await start();
  const lock = join(dataDir, 'postgres/owner.lock');
  const owner = JSON.parse(await readFile(lock, 'utf8')) as object;
  await first.stop();
  await writeFile(lock, JSON.stringify({ ...owner, pid: 1 }));
  await writeFile(join(dataDir, 'postgres/cluster/postmaster.pid'), `${process.pid}\n`);
  const { url } = await start();
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a first start that was interrupted is done again', async () => {
  await mkdir(join(dataDir, 'postgres/cluster.incomplete/base'), { recursive: true });
  await writeFile(join(dataDir, 'postgres/cluster.incomplete/PG_VERSION'), '18\n');
  await writeFile(join(dataDir, 'postgres/password'), 'half');
  const { url } = await start();
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect((await readdir(join(dataDir, 'postgres'))).sort()).toEqual(['cluster', 'owner.lock', 'password']);
});

test('data of another major version is rejected with a sentence', async () => {
  await useExistingData();
  await writeFile(join(dataDir, 'postgres/cluster/PG_VERSION'), '15\n');
  await expect(start()).rejects.toThrow('was made by Postgres 15');
});

test('stopping twice is stopping once', async () => {
  await useExistingData();
  const postgres = await start();
  await Promise.all([postgres.stop(), postgres.stop()]);
  await postgres.stop();
  await expect(query(postgres.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
});
