import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { runCli } from '../support/cli.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let owner: TestUser;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-audit-'));
  rollcall = await startRollcall();
  owner = await signInAsOwner(rollcall, await rollcall.organization());
});
afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: readonly string[]) =>
  runCli(['audit', ...args], { DATABASE_URL: rollcall.databaseUrl, DATA_DIR: folder });

test('audit proves a request, verifies, exports, and names an event that was changed', async () => {
  const { headers } = await owner.post('/groups', { name: 'Proved' }).expect(201);
  await rollcall.rollcall.sealEvents();
  const proved = await run('prove', headers['x-request-id'] as string);
  expect([proved.code, proved.stderr]).toEqual([0, '']);
  expect(proved.stdout).toMatch(/is in seal 1 of .*\nentry {3}\[.*"group\.created"/);
  const digest = /digest {2}([0-9a-f]{64})/.exec(proved.stdout)?.[1] as string;

  const verified = await run('verify', '--seal', digest);
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('1 seal and ') });
  const mail = join(folder, 'seal.eml');
  writeFileSync(
    mail,
    `Subject: Test: seal 1 of the audit trail\r\n\r\nThe digest is:\r\n${digest.slice(0, 40)}=\r\n${digest.slice(40)}\r\n`,
  );
  expect((await run('verify', '--seal', mail)).code).toBe(0);
  const distrusted = await run('verify', '--seal', '0'.repeat(64));
  expect(distrusted).toMatchObject({ code: 1, stdout: expect.stringContaining('not among the seals') });

  const file = join(folder, 'audit.ndjson');
  expect(await run('export', '--format', 'ndjson', '--out', file)).toMatchObject({ code: 0 });
  expect(readFileSync(file, 'utf8')).toContain('"action":"group.created"');

  const [event] = (await owner.get('/audit?action=group.created')).body.data;
  const client = new pg.Client({ connectionString: rollcall.databaseUrl });
  await client.connect();
  await client.query('set session_replication_role = replica');
  await client.query(`update events set outcome = 'failure' where id = $1`, [event.id]);
  await client.end();
  const changed = await run('verify');
  expect(changed).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(`Event ${event.id} of seal 1 was changed.`),
  });
}, 120_000);

test('audit prove says of a request that recorded nothing that it did', async () => {
  const { code, stderr } = await run('prove', '01890000-0000-7000-8000-000000000000');
  expect([code, stderr]).toEqual([1, expect.stringContaining('This request recorded no event.')]);
}, 60_000);
