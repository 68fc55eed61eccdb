import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCli } from '../support/cli.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;

beforeAll(async () => {
  rollcall = await startRollcall();
  await rollcall.organization({ name: 'Contoso' });
});
afterAll(() => rollcall.close());

test('the command line loads and removes a demonstration, and other commands choose the organization beside it', async () => {
  const run = (...args: readonly string[]) => runCli(args, { DATABASE_URL: rollcall.databaseUrl });
  expect((await run('demonstration', 'load')).stdout).toMatch(/of Contoso is being loaded: 0 %/);
  await rollcall.rollcall.runDueJobsOnce();
  const status = await run('demonstration', 'status');
  expect(status.stdout).toMatch(
    /^Halden Instruments \(demonstration\) is ready since .* an owner of Contoso/,
  );
  const again = await run('demonstration', 'load');
  expect([again.code, again.stderr]).toEqual([
    1,
    expect.stringContaining('There is a demonstration organization already: remove it first.'),
  ]);
  const listed = await run('connection', 'list', '--json');
  expect(JSON.parse(listed.stdout).map(({ name }: { name: string }) => name)).toEqual(['Test']);
  expect((await run('demonstration', 'remove')).stdout).toMatch(/is being removed/);
  await rollcall.rollcall.runDueJobsOnce();
  const none = JSON.parse((await run('demonstration', 'status', '--json')).stdout);
  expect(none.demonstration).toEqual({ state: 'none', percent: 0, name: null, loadedAt: null });
}, 120_000);
