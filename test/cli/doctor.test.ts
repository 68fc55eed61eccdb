import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { runCli, startProgram } from '../support/cli.ts';
import { createDatabase, createEmptyDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { writeMmdb } from '../support/mmdb.ts';
import { runSql } from '../support/postgres.ts';

interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly message: string;
}

let database: TestDatabase;
let dataDir: string;
let mailServer: SMTPServer;
let web: ReturnType<typeof createServer>;
let mailPort: number;
let settings: Record<string, string>;

beforeAll(async () => {
  [database, dataDir] = await Promise.all([createDatabase(), mkdtemp(join(tmpdir(), 'rollcall-doctor-'))]);
  mailServer = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) =>
      username === 'rollcall' && password === 'right'
        ? done(null, { user: username })
        : done(new Error('no')),
  });
  await new Promise<void>((resolve) => mailServer.listen(0, '127.0.0.1', resolve));
  mailPort = (mailServer.server.address() as AddressInfo).port;
  web = createServer((request, response) => {
    response.writeHead(request.url === '/healthz' ? 200 : 404).end();
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  settings = {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    SECRET_KEY: randomBytes(32).toString('base64'),
    PUBLIC_URL: `http://localhost:${(web.address() as AddressInfo).port}`,
    SMTP_URL: `smtp://rollcall:right@127.0.0.1:${mailPort}`,
  };
  // The first start records the key and makes the partitions.
  const { code } = await startProgram(
    'main.ts',
    [],
    { ...settings, PORT: String(await freePort()) },
    { until: '"listening"' },
  ).ended;
  expect(code).toBe(0);
}, 60_000);

afterAll(async () => {
  await new Promise<void>((resolve) => mailServer.close(() => resolve()));
  web.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Runs the doctor with other settings. @returns what it found, by check */
async function diagnose(env: Record<string, string>) {
  const { code, stdout, stderr } = await runCli(['doctor', '--json'], { ...settings, ...env });
  if (stderr !== '') throw new Error(stderr);
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: readonly Finding[] };
  const statusOf = (check: string) => findings.find((finding) => finding.check === check);
  return { code, ok, findings, statusOf };
}

test('finds nothing wrong with an installation that is right, a line a check', async () => {
  const { code, stdout } = await runCli(['doctor'], settings);
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
  for (const check of [
    'database',
    'version',
    'collation',
    'clock',
    'migrations',
    'event partitions',
    'dead jobs',
    'secret key',
    'public URL',
    'server',
    'mail',
  ]) {
    expect(lines.map((line) => line.slice(4).trim()).some((line) => line.startsWith(check))).toBe(true);
  }
  expect(code).toBe(0);
}, 30_000);

test('fails where the database does not answer, and checks the rest', async () => {
  const { code, statusOf } = await diagnose({
    DATABASE_URL: `postgres://x@127.0.0.1:${await freePort()}/x`,
  });
  expect(code).toBe(1);
  expect(statusOf('database')?.message).toMatch(/^No answer \(.*ECONNREFUSED.*check/);
  expect(statusOf('mail')?.status).toBe('ok');
}, 30_000);

test('fails where a pooler does not answer though Postgres does', async () => {
  const { code, statusOf } = await diagnose({
    DATABASE_URL: `postgres://x@127.0.0.1:${await freePort()}/x`,
    DATABASE_URL_DIRECT: database.url,
  });
  expect(code).toBe(1);
  expect(statusOf('pooler')?.status).toBe('fail');
  expect(statusOf('database')?.status).toBe('ok');
}, 30_000);

test('fails where the role of a pooler has no time limit', async () => {
  const { statusOf } = await diagnose({ DATABASE_URL_DIRECT: database.url });
  expect(statusOf('time limits')?.message).toContain('has no statement_timeout');
}, 30_000);

test('warns where migrations wait', async () => {
  const empty = await createEmptyDatabase();
  const { code, statusOf } = await diagnose({ DATABASE_URL: empty.url });
  await empty.drop();
  expect(statusOf('migrations')).toMatchObject({
    status: 'warn',
    message: expect.stringContaining('rollcall migrate'),
  });
  expect(code).toBe(0);
}, 30_000);

test.each([
  [3_000, 'ok'],
  [-20_000, 'warn'],
  [90_000, 'fail'],
])(
  'finds a clock that is %s ms off: %s',
  async (ms, status) => {
    const shift = `const now=Date.now;Date.now=()=>now()+(${ms})`;
    const { statusOf } = await diagnose({
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift)}`,
    });
    expect(statusOf('clock')?.status).toBe(status);
  },
  30_000,
);

test('fails with a key that is not the database’s, and tells what to do', async () => {
  const { code, statusOf } = await diagnose({ SECRET_KEY: randomBytes(32).toString('base64') });
  expect(statusOf('secret key')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('SECRET_KEY_PREVIOUS'),
  });
  expect(code).toBe(1);
}, 30_000);

test('fails where there is no key, and makes none', async () => {
  const { statusOf } = await diagnose({ SECRET_KEY: '' });
  expect(statusOf('secret key')?.status).toBe('fail');
  await expect(readFile(join(dataDir, 'secret-key'))).rejects.toThrow('ENOENT');
}, 30_000);

test('fails where other users can read the key file or write to the data folder', async () => {
  const file = join(dataDir, 'key');
  await writeFile(file, `${settings['SECRET_KEY']}\n`, { mode: 0o644 });
  await chmod(file, 0o644);
  await chmod(dataDir, 0o777);
  const { statusOf } = await diagnose({ SECRET_KEY: '', SECRET_KEY_FILE: file });
  await chmod(dataDir, 0o700);
  expect(statusOf('key file')?.message).toContain(`chmod 0600 ${file}`);
  expect(statusOf('data folder')?.message).toContain(`chmod 0700 ${dataDir}`);
}, 30_000);

test.each([
  [{ PUBLIC_URL: 'http://people.example' }, 'public URL', 'fail', 'is not encrypted'],
  [{ PUBLIC_URL: '' }, 'public URL', 'warn', 'PUBLIC_URL is not set'],
  [{ PUBLIC_URL: 'https://localhost:1' }, 'proxy', 'fail', 'TRUST_PROXY is not set'],
  [{ PUBLIC_URL: 'https://localhost:1', TRUST_PROXY: '1' }, 'proxy', 'ok', 'TRUST_PROXY is set'],
  [{ PUBLIC_URL: 'http://localhost:1' }, 'server', 'warn', 'start the server'],
])(
  'checks the address %j',
  async (env, check, status, message) => {
    const { statusOf } = await diagnose(env);
    expect(statusOf(check)).toMatchObject({ status, message: expect.stringContaining(message) });
  },
  30_000,
);

test('checks the files that say where addresses are', async () => {
  const [countries, systems, missing] = ['country', 'asn', 'missing'].map((name) =>
    join(dataDir, `${name}.mmdb`),
  ) as [string, string, string];
  const networks = { '81.2.69.0/24': { country: { iso_code: 'DE' } } };
  await writeFile(countries, writeMmdb({ networks, type: 'GeoLite2-Country' }));
  await writeFile(systems, writeMmdb({ networks, type: 'GeoLite2-ASN', builtAt: new Date('2026-01-31') }));
  const found = await diagnose({ GEOIP_COUNTRY_FILE: countries, GEOIP_ASN_FILE: systems });
  expect(found.statusOf('countries')).toMatchObject({
    status: 'ok',
    message: expect.stringContaining(`${countries} has GeoLite2-Country of `),
  });
  expect(found.statusOf('AS numbers')).toMatchObject({
    status: 'warn',
    message: `${systems} is old (GeoLite2-ASN of 31 January 2026): let geoipupdate or a schedule replace it.`,
  });
  const wrong = await diagnose({ GEOIP_COUNTRY_FILE: missing });
  expect(wrong.statusOf('countries')).toMatchObject({
    status: 'fail',
    message: `GEOIP_COUNTRY_FILE: ${missing} does not exist. Put the file there, or leave GEOIP_COUNTRY_FILE out.`,
  });
  expect(wrong.statusOf('AS numbers')).toBeUndefined();
}, 30_000);

test('fails where the address leads to something else', async () => {
  const { statusOf } = await diagnose({ PUBLIC_URL: `${settings['PUBLIC_URL']}/elsewhere` });
  expect(statusOf('server')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('answers 404'),
  });
}, 30_000);

test('fails where the mail server rejects the sign-in, is away, or the folder cannot be written to', async () => {
  const wrong = await diagnose({ SMTP_URL: `smtp://rollcall:wrong@127.0.0.1:${mailPort}` });
  expect(wrong.statusOf('mail')?.message).toMatch(/refuses.*check SMTP_URL/);
  const away = await diagnose({ SMTP_URL: `smtp://127.0.0.1:${await freePort()}` });
  expect(away.statusOf('mail')?.message).toContain('ECONNREFUSED');
  const file = join(dataDir, 'file');
  await writeFile(file, '');
  const none = await diagnose({ SMTP_URL: '', DATA_DIR: file });
  expect(none.statusOf('mail')?.message).toContain('cannot be written to. Set SMTP_URL');
  const folder = await diagnose({ SMTP_URL: '' });
  expect(folder.statusOf('mail')).toMatchObject({
    status: 'warn',
    message: expect.stringContaining('set SMTP_URL'),
  });
}, 60_000);

test('warns of dead jobs, late jobs and missing partitions', async () => {
  await runSql(
    database.url,
    `insert into jobs (id, kind, due_at, dead_at, created_at) values
      (gen_random_uuid(), 'x', now(), now(), now()), (gen_random_uuid(), 'y', now() - interval '1 hour', null, now())`,
  );
  const next = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 1, 1));
  const month = next.toISOString().slice(0, 7);
  await runSql(database.url, `drop table events_${month.replace('-', '_')}`);
  const { code, statusOf } = await diagnose({});
  expect(statusOf('dead jobs')?.message).toContain('1 ended in failure');
  expect(statusOf('late jobs')?.message).toContain('1 should have run');
  expect(statusOf('event partitions')?.message).toContain(month);
  expect(code).toBe(0);
}, 30_000);
