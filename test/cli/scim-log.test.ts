import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCli, startProgram } from '../support/cli.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

let rollcall: TestRollcall;
let organization: TestOrganization;
let env: Record<string, string>;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  env = { DATABASE_URL: rollcall.databaseUrl, DATA_DIR: mkdtempSync(join(tmpdir(), 'rollcall-scim-log-')) };
});
afterAll(async () => {
  await rollcall.close();
  rmSync(env['DATA_DIR'] as string, { recursive: true, force: true });
});

const create = async (userName: string) => {
  const answer = await organization.scim('POST', '/Users', { schemas: [USER], userName });
  await rollcall.rollcall.writeProvisioningLog();
  return answer.headers['x-request-id'] as string;
};

test('scim-log prints requests, the oldest first, and what failed with its remedy', async () => {
  await create('ann');
  const failed = await create('ann');
  const all = await runCli(['scim-log'], env);
  expect([all.code, all.stderr]).toEqual([0, '']);
  expect(all.stdout).toMatch(/ 201 .* POST {4}\/Users {2}— created ann\n.* 409 .*\n {4}Find the user/);
  const errors = await runCli(['scim-log', '--status', '4xx', '--connection', 'Test', '--json'], env);
  expect(JSON.parse(errors.stdout)).toMatchObject({ requests: [{ id: failed, status: 409 }] });
  expect((await runCli(['scim-log', '--status', '900'], env)).code).toBe(64);
}, 60_000);

test('scim-log --follow goes on with new requests', async () => {
  await create('before');
  const following = startProgram('cli/main.ts', ['scim-log', '--follow', '--json'], env, {
    until: '"path":"/Users/later"',
  });
  let done = false;
  const keepsAsking = (async () => {
    while (!done) {
      await organization.scim('GET', '/Users/later');
      await rollcall.rollcall.writeProvisioningLog();
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  const { code, stdout, stderr } = await following.ended;
  done = true;
  await keepsAsking;
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; summary: string });
  expect(lines.map(({ summary }) => summary)).toContain('created before');
  expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
}, 60_000);
