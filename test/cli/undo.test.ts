import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCli } from '../support/cli.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { directoryOf } from '../undo/directory.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let env: Record<string, string>;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  env = { DATABASE_URL: rollcall.databaseUrl, DATA_DIR: mkdtempSync(join(tmpdir(), 'rollcall-undo-cli-')) };
});
afterAll(async () => {
  await rollcall.close();
  rmSync(env['DATA_DIR'] as string, { recursive: true, force: true });
});

test('R152: undo previews a batch and changes nothing, then takes it back', async () => {
  const okta = directoryOf(rollcall, organization);
  const id = await okta.create('jane');
  await new Promise((resolve) => setTimeout(resolve, 5));
  const from = new Date().toISOString();
  await okta.deactivate(id);
  const span = ['--connection', 'Test', '--from', from, '--to', new Date().toISOString()];
  const isActive = async () => (await organization.scim('GET', `/Users/${id}`)).body.active as boolean;

  const shown = await runCli(['undo', 'preview', ...span], env);
  expect([shown.code, shown.stderr]).toEqual([0, '']);
  expect(shown.stdout).toContain('1 person is active again, with role and groups.');
  expect(shown.stdout).toMatch(/jane Person +Deactivated +Activate as readonly/);
  expect(await isActive()).toBe(false);

  const done = await runCli(['undo', 'run', ...span, '--reason', 'A mistake', '--json'], env);
  expect([done.code, done.stderr]).toEqual([0, '']);
  expect(JSON.parse(done.stdout)).toMatchObject({ state: 'done', counts: { activated: 1, failed: 0 } });
  expect(await isActive()).toBe(true);

  const undone = ['--undo', JSON.parse(done.stdout).id as string];
  expect((await runCli(['undo', 'run', ...undone], env)).code).toBe(0);
  expect(await isActive()).toBe(false);
  expect((await runCli(['undo', 'run', '--connection', 'Test'], env)).code).toBe(64);
}, 120_000);
