import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { runCli } from '../support/cli.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

const SECRET_KEY = randomBytes(32);

let rollcall: TestRollcall;
let owner: TestUser;
let jane: TestUser;
let folder: string;
let from: string;
let asOf: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-history-'));
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  owner = await signInAsOwner(rollcall, await rollcall.organization());
  from = new Date().toISOString();
  jane = await joins(rollcall, owner, { name: 'Jane Doe', role: 'train' });
  const { id } = (await owner.post('/groups', { name: 'Engineering', role: 'train' })).body;
  await owner.post(`/groups/${id}/members`, { userIds: [jane.id] });
  await delay(5);
  asOf = new Date().toISOString();
});
afterAll(async () => {
  await rollcall.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: readonly string[]) =>
  runCli(['history', ...args], {
    DATABASE_URL: rollcall.databaseUrl,
    DATA_DIR: folder,
    SECRET_KEY: SECRET_KEY.toString('base64'),
  });

test('R149, R150: history shows the past of a user, and writes differences', async () => {
  const shown = await run('show', '--user', jane.email, '--as-of', asOf);
  expect([shown.code, shown.stderr]).toEqual([0, '']);
  expect(shown.stdout).toContain('In Engineering as member, by manual: train.');
  const out = join(folder, 'differences.csv');
  const written = await run('diff', '--from', from, '--to', asOf, '--format', 'csv', '--out', out);
  expect([written.code, written.stderr]).toEqual([0, '']);
  expect(readFileSync(out, 'utf8')).toContain('Jane Doe joined Engineering.');
});

test('R151: history writes the evidence of an access review into a bundle', async () => {
  const { body: review } = await owner.post('/reviews', { title: 'Third quarter' }).expect(202);
  await rollcall.rollcall.tendReviews();
  const output = join(folder, 'review.zip');
  const written = await run('bundle', '--out', output, '--review', review.id);
  expect([written.code, written.stderr]).toEqual([0, '']);
  expect(Object.keys(unzipSync(readFileSync(output)))).toEqual(
    expect.arrayContaining(['review.ndjson', 'review-items.ndjson', 'review-decisions.ndjson']),
  );
  expect((await run('verify', output)).code).toBe(0);
  expect((await run('bundle', '--out', output, '--review', 'Third quarter')).stderr).toContain(
    '--review must be',
  );
});

test('R151: history writes a bundle, and verifies it without a database', async () => {
  const output = join(folder, 'bundle.zip');
  const written = await run('bundle', '--out', output, '--as-of', asOf);
  expect([written.code, written.stderr]).toEqual([0, '']);
  const offline = (path: string) =>
    runCli(['history', 'verify', path], { DATABASE_URL: 'postgres://nowhere.invalid/x' });
  const verified = await offline(output);
  expect([verified.code, verified.stderr]).toEqual([0, '']);
  expect(verified.stdout).toContain('are as they were signed');
  const changed = join(folder, 'changed.zip');
  writeFileSync(changed, zipSync({ ...unzipSync(readFileSync(output)), 'groups.ndjson': strToU8('{}') }));
  const bad = await offline(changed);
  expect([bad.code, bad.stdout]).toEqual([1, expect.stringContaining('groups.ndjson was changed')]);
  expect((await offline(join(folder, 'none.zip'))).stderr).toContain('file not found');
});
