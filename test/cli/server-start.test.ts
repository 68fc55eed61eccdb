import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packageRoot } from '../../src/platform/package-root.ts';
import { builtProgram } from '../support/cli.ts';
import { descendantsOf } from '../support/interop/server-process.ts';
import { writeMmdb } from '../support/mmdb.ts';
import { startServerUnderTest } from '../support/server-under-test.ts';

const root = packageRoot(import.meta.url);
let dataDir: string;
let taken: Server;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'rollcall-start-'));
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  taken.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Runs the server until it ends by itself, or until it prints a text: then it is stopped. */
function start(
  env: Record<string, string>,
  until?: string,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const { DATABASE_URL: _, ...inherited } = process.env;
    const child = spawn(process.execPath, [builtProgram('main.ts')], {
      cwd: root,
      env: { ...inherited, NODE_OPTIONS: '', DATA_DIR: dataDir, ...env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (until !== undefined && output.includes(until)) child.kill('SIGTERM');
      });
    }
    child.on('close', (code) => resolve({ code, output }));
  });
}

test.each(['1', '2'])(
  'a port in use is reported before anything is created, with %s processes',
  async (processes) => {
    const { port } = taken.address() as AddressInfo;
    const { code, output } = await start({ PORT: String(port), WEB_CONCURRENCY: processes });
    expect(output).toContain(`PORT ${port} on 127.0.0.1 is in use`);
    expect(code).toBe(78);
    // A first start that failed later would have made an owner and a token, and shown them to no one.
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
  },
  30_000,
);

test('what was made is notified once, before anything behind it can fail, and SIGTERM ends with 0', async () => {
  const made = /SCIM token +rollcall_scim_[\w-]{43}$/gm;
  const first = await start({ PORT: '0', LOG_LEVEL: 'info' }, '"listening"');
  expect(first.output.match(made)).toHaveLength(1);
  expect(first.output.search(made)).toBeLessThan(first.output.indexOf('Rollcall is running.'));
  expect(first.output).toMatch(/Owner +First Owner <owner@example\.com>\n/);
  expect(first.code).toBe(0);
  expect(first.output).toMatch(
    /Next, in another terminal, in this folder:\n {4}export DATA_DIR=\S+ PORT=\d+\n/,
  );
  for (const step of [
    /Connect Okta +npx rollcall connection create "Okta" --for okta\n/,
    /Connect Entra ID +npx rollcall connection create "Entra ID" --for entra\n/,
    /Invite a colleague +npx rollcall invite \S+@\S+\n/,
    /Sign in by SSO +docs\/sso\.md, and http:\S+\/api\/v1\/docs#\/Single%20sign-on\n/,
  ]) {
    expect(first.output).toMatch(step);
  }
  const second = await start({ PORT: '0' }, '"listening"');
  expect(second.output).not.toMatch(/rollcall_scim_|Owner/);
}, 90_000);

test('a host that is not of this machine is reported with a sentence', async () => {
  const { code, output } = await start({ PORT: '0', HOST: '192.0.2.1' });
  expect(output).toContain('HOST 192.0.2.1 is not an address of this machine.');
  expect(code).toBe(78);
}, 30_000);

test('a secret key that cannot be read is a mistake in the settings, too', async () => {
  const { code, output } = await start({ PORT: '0', SECRET_KEY_FILE: join(dataDir, 'none') });
  expect(output).toContain("The secret key can't be read from");
  expect(code).toBe(78);
}, 60_000);

test('files of locations that cannot be used end the start, all in one answer', async () => {
  const page = join(dataDir, 'page.mmdb');
  writeFileSync(page, '<!doctype html>');
  const { code, output } = await start({
    PORT: '0',
    GEOIP_COUNTRY_FILE: join(dataDir, 'none.mmdb'),
    GEOIP_ASN_FILE: page,
  });
  expect(output).toContain(
    `GEOIP_COUNTRY_FILE: ${join(dataDir, 'none.mmdb')} does not exist. Put the file there, or leave GEOIP_COUNTRY_FILE out.`,
  );
  expect(output).toContain(
    `GEOIP_ASN_FILE: ${page} is not an MMDB file, or not a whole one. Put the file there, or leave GEOIP_ASN_FILE out.`,
  );
  expect(code).toBe(78);
}, 60_000);

test('a process whose settings cannot be used any more is not started again, and with the last of them the server ends', async () => {
  const file = join(dataDir, 'countries.mmdb');
  writeFileSync(file, writeMmdb({ networks: { '192.0.2.0/24': { country: { iso_code: 'NZ' } } } }));
  const server = await startServerUnderTest({
    WEB_CONCURRENCY: '2',
    LOG_LEVEL: 'error',
    GEOIP_COUNTRY_FILE: file,
  });
  try {
    rmSync(file);
    const processes = () => descendantsOf(server.process.pid);
    const message = `${file} does not exist`;
    const timesTold = () => server.process.output().split(message).length - 1;
    const until = async (holds: () => boolean | Promise<boolean>) => {
      for (let left = 200; left > 0 && !(await holds()); left -= 1) await delay(50);
    };
    const [one, other] = await processes();
    process.kill(one as number, 'SIGKILL');
    await until(() => timesTold() === 1);
    await until(async () => (await processes()).length === 1);
    await delay(1_500);
    expect([timesTold(), await processes()]).toEqual([1, [other]]);
    expect((await fetch(`${server.base}/healthz`)).status).toBe(200);

    process.kill(other as number, 'SIGKILL');
    expect(await server.process.exited).toBe(78);
    expect(server.process.output()).toContain("its settings can't be used. Mend them and restart Rollcall");
  } finally {
    await server.stop();
  }
}, 90_000);

test('Ends with 78 for a first owner whose password breaks the rules of every password', async () => {
  const { code, output } = await start({ PORT: '0', BOOTSTRAP_OWNER_PASSWORD: 'short' });
  expect(output).toContain(
    "BOOTSTRAP_OWNER_PASSWORD can't be used. Choose a password of at least 12 characters.",
  );
  expect(code).toBe(78);
}, 30_000);

test.each([
  ['all', ['SCIM base URL', 'Console', 'API', 'Health']],
  ['worker', ['Health']],
])(
  'The summary of ROLE=%s has only addresses that answer',
  async (role, expected) => {
    const server = await startServerUnderTest({
      ROLE: role,
      ...(role === 'worker' ? { PUBLIC_URL: 'https://people.example' } : {}),
    });
    const deadline = Date.now() + 10_000;
    while (!server.process.output().includes('Rollcall is running.') && Date.now() < deadline)
      await delay(50);
    const addresses = [...server.process.output().matchAll(/^ {2}(\S.*?) {2,}(https?:\S+)$/gm)];
    const answers = await Promise.all(addresses.map(async ([, , url = '']) => (await fetch(url)).status));
    await server.stop();
    expect(addresses.map(([, label]) => label)).toEqual(expected);
    expect(answers.filter((status) => ![200, 401].includes(status))).toEqual([]);
  },
  60_000,
);
