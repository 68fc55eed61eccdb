import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { packageRoot } from '../../src/platform/package-root.ts';
import { createSecretBox } from '../../src/platform/secret-box.ts';
import { SEALED_PLACES } from '../../src/secrets/store/sealed-values.ts';
import { runCli, startProgram } from '../support/cli.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';
import { countOpened, storeSecrets } from '../support/sealed-secrets.ts';
import { SECRET_KEY } from '../support/sso.ts';

let rollcall: TestRollcall;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rollcall-rotation-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const base64 = (key: Buffer) => key.toString('base64');
const only = (key: string) => createSecretBox({ current: Buffer.from(key, 'base64'), previous: [] });

/** The settings of a server on the database of this test. */
const settings = (keys: Record<string, string>): Record<string, string> => ({
  DATABASE_URL: rollcall.databaseUrl,
  DATA_DIR: dataDir,
  PORT: '0',
  ...keys,
});

/** Starts a server and stops it once it listens. */
const start = (keys: Record<string, string>) =>
  startProgram('main.ts', [], settings(keys), { until: '"listening"' }).ended;

const old = base64(SECRET_KEY);

/** A database whose server, with the key `old`, has stored a secret in every place. */
async function prepareSecrets(): Promise<void> {
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  await storeSecrets(rollcall, await rollcall.organization(), SECRET_KEY);
}

/** The commands and settings of a section of docs/production.md: one text for each block of code. */
function blocksOf(section: string): string[] {
  const text = readFileSync(join(packageRoot(import.meta.url), 'docs/production.md'), 'utf8');
  const [, body = ''] = text.split(`\n## ${section}\n`);
  return [...(body.split('\n## ')[0] ?? '').matchAll(/```\n([\s\S]*?)```/g)].map(([, block = '']) =>
    block.replace(/^ +/gm, '').trim(),
  );
}

describe('rotating the key as docs/production.md describes', () => {
  beforeAll(prepareSecrets, 60_000);
  afterAll(() => rollcall.close());

  test('keeps every stored secret readable, and ends with the new key alone', async () => {
    expect((await start({ SECRET_KEY: old })).code).toBe(0);
    const [make = '', give = '', command = ''] = blocksOf('Rotating the key');

    const fresh = execFileSync('sh', ['-c', make], { encoding: 'utf8' }).trim();
    const alone = await start({ SECRET_KEY: fresh });
    expect(alone.code).toBe(78);
    expect(alone.stderr).toContain('SECRET_KEY is not the key that the secrets in this database');

    const filledIn = give.replace('<the new key>', fresh).replace('<the old key>', old);
    const both = Object.fromEntries(
      filledIn.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)),
    ) as Record<string, string>;
    expect(Object.keys(both)).toEqual(['SECRET_KEY', 'SECRET_KEY_PREVIOUS']);
    expect((await start(both)).code).toBe(0);
    // Not yet: secrets of the old key are stored.
    expect((await start({ SECRET_KEY: fresh })).code).toBe(78);

    const [program, ...args] = command.split(' ');
    expect(program).toBe('rollcall');
    const rotated = await runCli(args, settings(both));
    expect(rotated.stderr).toBe('');
    expect(rotated.code).toBe(0);
    expect(rotated.stdout).toMatch(/user_totp\.sealed_secret +1 +0 +0\n/);
    expect(rotated.stdout).toContain('Remove the older key from SECRET_KEY_PREVIOUS');

    const counts = await countOpened(rollcall, only(fresh));
    expect(Object.entries(counts).filter(([, [current, all]]) => all === 0 || current !== all)).toEqual([]);
    expect((await start({ SECRET_KEY: fresh })).code).toBe(0);
    expect((await start({ SECRET_KEY: old })).code).toBe(78);

    const again = await runCli(args, settings({ SECRET_KEY: fresh }));
    expect(again.stdout).toMatch(/user_totp\.sealed_secret +0 +1 +0\n/);
    expect(again.stdout).toContain('There is no older key to remove.');
  }, 180_000);
});

describe('a rotation', () => {
  beforeAll(prepareSecrets, 60_000);
  afterAll(() => rollcall.close());

  const fresh = base64(randomBytes(32));
  const both = { SECRET_KEY: fresh, SECRET_KEY_PREVIOUS: old };

  test('that was killed continues where it was', async () => {
    const holder = new pg.Client({ connectionString: rollcall.databaseUrl });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select from webhooks for update');
    const killed = startProgram('cli/main.ts', ['secrets', 'rotate'], settings(both));
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
      and query like 'update webhooks %'`;
    while ((await rollcall.rollcall.db.search(waiting, [])).length === 0) await delay(20);
    process.kill(killed.pid, 'SIGKILL');
    await killed.ended;
    // What Postgres was doing for it ends when its time for the lock has ended.
    while ((await rollcall.rollcall.db.search(waiting, [])).length > 0) await delay(20);
    await holder.query('rollback');
    await holder.end();

    const half = await countOpened(rollcall, only(fresh));
    expect(half.authenticators).toEqual([1, 1]);
    expect(half.webhookSecrets).toEqual([0, 1]);

    const { code, stdout } = await runCli(['secrets', 'rotate'], settings(both));
    expect(stdout).toMatch(/user_totp\.sealed_secret +0 +1 +0\n/);
    expect(stdout).toMatch(/webhooks\.sealed_secret +1 +0 +0\n/);
    expect(code).toBe(0);
  }, 60_000);

  test('ends with 1 where no key opens a secret, until it is notified that the key is lost', async () => {
    const other = base64(randomBytes(32));
    expect((await start({ SECRET_KEY: other })).code).toBe(78);
    const refused = await runCli(['secrets', 'rotate'], settings({ SECRET_KEY: other }));
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('add the key that encrypted them to SECRET_KEY_PREVIOUS');
    expect((await start({ SECRET_KEY: other })).code).toBe(78);
    const given = await runCli(['secrets', 'rotate', '--lost-key'], settings({ SECRET_KEY: other }));
    expect(given.code).toBe(0);
    expect(given.stdout).toMatch(/Gave up \d+ secrets that no key decrypts/);
    expect((await start({ SECRET_KEY: other })).code).toBe(0);
  }, 120_000);
});

describe('a database from before fingerprints', () => {
  beforeAll(prepareSecrets, 60_000);
  afterAll(() => rollcall.close());

  test('is served with the key that opens its secrets only', async () => {
    const wrong = await start({ SECRET_KEY: base64(randomBytes(32)) });
    expect(wrong.code).toBe(78);
    expect(wrong.stderr).toContain('SECRET_KEY is not the key');
    expect((await start({ SECRET_KEY: old })).code).toBe(0);
  }, 60_000);

  test('has no sealed text in a place that a rotation does not know', async () => {
    const columns = await rollcall.rollcall.db.search<{ name: string }>(
      `select table_name || '.' || column_name as name from information_schema.columns
       where table_schema = 'public' and column_name like 'sealed%'`,
      [],
    );
    const known = Object.values(SEALED_PLACES).map(({ table, column }) => `${table}.${column}`);
    expect(columns.length).toBeGreaterThan(6);
    expect(columns.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  });
});
