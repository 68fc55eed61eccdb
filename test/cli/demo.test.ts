import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCli } from '../support/cli.ts';
import { type ServerUnderTest, startServerUnderTest } from '../support/server-under-test.ts';

let server: ServerUnderTest;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-demo-test-'));
  server = await startServerUnderTest();
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('after a demo against the running server, commands still choose the only real organization', async () => {
  const run = (args: readonly string[]) =>
    runCli(args, { DATABASE_URL: server.databaseUrl, DATA_DIR: folder, PORT: String(server.port) });
  const demo = await run(['demo']);
  expect(demo).toMatchObject({ code: 0, stderr: '' });
  expect(demo.stdout).toMatch(/All \d+ exchanges were answered/);
  const name = /organization "(Demo Okta [\d :-]+)"/.exec(demo.stdout)?.[1] as string;

  const created = await run(['connection', 'create', 'Okta', '--for', 'okta']);
  expect([created.code, created.stderr]).toEqual([0, '']);
  expect(created.stdout).toContain('SCIM connection "Okta" of Test');
  const chosen = await run(['connection', 'list', '--org', name, '--json']);
  expect(JSON.parse(chosen.stdout)).toEqual([expect.objectContaining({ name: 'Okta' })]);
}, 60_000);
