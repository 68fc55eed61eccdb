import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres/start.ts';
import { findEmbeddedPostgres, useEmbeddedPostgres } from '../../src/platform/embedded-postgres/use.ts';
import { runSql } from '../support/postgres.ts';
import { spawnPostgresOwner } from '../support/postgres-owners.ts';

const settings = { fsync: 'off' };

let seed: string;
let dataDir: string;

beforeAll(async () => {
  seed = await makeFolder();
  await (await startEmbeddedPostgres({ dataDir: seed, settings })).stop();
});

afterAll(() => remove(seed));

beforeEach(async () => {
  dataDir = await makeFolder();
  await promisify(execFile)('cp', ['-a', join(seed, 'postgres'), dataDir]);
});

afterEach(() => remove(dataDir));

/** Tries again while a Postgres whose owner has just ended is still writing. */
function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, maxRetries: 20, retryDelay: 100 });
}

/** Root runs Postgres as another user, who has no access to mkdtemp's private folder. */
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `rollcall-test-${process.pid}-`));
  await chmod(folder, 0o755);
  return folder;
}

test('with no Rollcall on the data it starts Postgres, and stops it', async () => {
  expect(await findEmbeddedPostgres(dataDir)).toBeUndefined();
  const postgres = await useEmbeddedPostgres({ dataDir, settings });
  await runSql(postgres.url, 'select 1');
  await postgres.stop();
  await expect(runSql(postgres.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
});

test('it uses the Postgres of a running Rollcall, and leaves it running', async () => {
  const owner = await spawnPostgresOwner(dataDir);
  try {
    const postgres = await useEmbeddedPostgres({ dataDir, settings });
    expect(postgres.url).toBe(owner.url);
    await postgres.stop();
    await runSql(owner.url, 'select 1');
  } finally {
    await owner.kill('SIGTERM');
  }
});

test('it waits for a Rollcall that is just starting', async () => {
  const starting = spawnPostgresOwner(dataDir);
  while ((await stat(join(dataDir, 'postgres/owner.lock')).catch(() => undefined)) === undefined);
  const postgres = await useEmbeddedPostgres({ dataDir, settings });
  const owner = await starting;
  expect(postgres.url).toBe(owner.url);
  await owner.kill('SIGTERM');
});

test('what a killed Rollcall left in the lock file is not accepted for a running Postgres', async () => {
  const first = await startEmbeddedPostgres({ dataDir, settings });
  const file = join(dataDir, 'postgres/cluster/postmaster.pid');
  const left = await readFile(file, 'utf8');
  await first.stop();
  await writeFile(file, left.replace(/^\d+/, '999999999'));
  expect(await findEmbeddedPostgres(dataDir)).toBeUndefined();
});

test('another server on the port is not mistaken for it', async () => {
  const [postgres, other] = [await startEmbeddedPostgres({ dataDir, settings }), await makeFolder()];
  try {
    await promisify(execFile)('cp', ['-a', join(dataDir, 'postgres'), other]);
    await writeFile(join(other, 'postgres/password'), 'another');
    expect(await findEmbeddedPostgres(other)).toBeUndefined();
  } finally {
    await postgres.stop();
    await remove(other);
  }
});

test('a folder without data has none', async () => {
  expect(await findEmbeddedPostgres(join(dataDir, 'nothing'))).toBeUndefined();
});
