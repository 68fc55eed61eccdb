import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { runCli } from '../support/cli.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

const secretKey = Buffer.alloc(32, 7);
let rollcall: TestRollcall;
let owner: TestUser;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-review-'));
  rollcall = await startRollcall({ secretKey });
  owner = await signInAsOwner(rollcall, await rollcall.organization());
});
afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: readonly string[]) =>
  runCli(['review', ...args], {
    DATABASE_URL: rollcall.databaseUrl,
    DATA_DIR: folder,
    SECRET_KEY: secretKey.toString('base64'),
  });

test('review opens, lists, shows and reports a review', async () => {
  const opened = await run('open', '--title', 'By hand', '--privileged', '--reviewers', 'owners', '--json');
  expect([opened.code, opened.stderr]).toEqual([0, '']);
  const { id } = JSON.parse(opened.stdout).review;
  expect(JSON.parse(opened.stdout).review).toMatchObject({ title: 'By hand', state: 'opening', expected: 1 });
  await rollcall.rollcall.tendReviews();

  expect((await run('list')).stdout).toMatch(/STATE.*\n.*open .* 0 of 1 +By hand/);
  const shown = await run('show', id);
  expect(shown.stdout).toContain('0 of 1 item decided');
  expect(shown.stdout).toMatch(/\n1 +1 +any administrator/);
  const report = await run('report', id);
  expect(report.stdout).toContain(owner.email);
  expect((await run('report', id, '--out', join(folder, 'new.csv'))).code).toBe(0);
}, 120_000);

test('review says what is missing', async () => {
  expect((await run('show', 'nothing')).stderr).toContain('Give the id of a review');
  expect((await run('show', '01890000-0000-7000-8000-000000000000')).stderr).toContain(
    'Access review not found.',
  );
  expect((await run('open', '--reviewers', 'everybody')).stderr).toContain(
    '--reviewers must be managers or owners.',
  );
}, 120_000);
