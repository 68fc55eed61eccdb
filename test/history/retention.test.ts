import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OrgId } from '../../src/directory/ids.ts';
import { sweepHistory } from '../../src/history/jobs.ts';
import { sweepBatch } from '../../src/history/store/sweep.ts';
import { DAY_MS } from '../../src/platform/time.ts';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { PlanReader, statementsOf } from '../support/plans.ts';
import { runSql } from '../support/postgres.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const { signal } = new AbortController();
/** The clock of the server and of this test. */
let time = Date.parse('2025-01-01T00:00:00.000Z');
const now = () => new Date(time);
const iso = () => now().toISOString();
const pass = (days: number) => {
  time += days * DAY_MS;
};

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall({ now });
  organization = await rollcall.organization({ now });
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

/** A session ends with the years of these tests. */
const signIn = async () => {
  owner = await signInAsOwner(rollcall, organization);
};
const sweep = (days = 400) => sweepHistory(rollcall.rollcall.db, new Date(time - days * DAY_MS), signal);
const rowsOf = async (condition: string) => {
  const rows = await rollcall.rollcall.db.search<{ n: number }>(
    `select count(*)::integer as n from history where org_id = $1 and ${condition}`,
    [organization.org],
  );
  return rows[0]?.n;
};
const scimUser = async (userName: string) =>
  (
    await organization.scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName,
      active: true,
    })
  ).body.id as string;
const patch = (path: string, ...Operations: object[]) =>
  organization.scim('PATCH', path, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations,
  });
const setActive = (user: string, value: boolean) =>
  patch(`/Users/${user}`, { op: 'replace', path: 'active', value });
const membersAt = async (group: string, asOf: string) =>
  ((await owner.get(`/groups/${group}/members?asOf=${asOf}`)).body.data as { user: { id: string } }[]).map(
    ({ user }) => user.id,
  );

test('R149: what was replaced before the retention is deleted, and each moment within it has its whole answer', async () => {
  const old = await scimUser('old@acme.example');
  const { body } = await organization.scim('POST', '/Groups', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'Team',
    members: [{ value: old }],
  });
  const group = body.id as string;
  const other = await scimUser('other@acme.example');
  pass(1);
  await patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: other }] });
  for (let day = 0; day < 5; day += 1) {
    pass(1);
    await setActive(old, day % 2 === 1);
  }
  await patch(`/Groups/${group}`, { op: 'remove', path: `members[value eq "${other}"]` });
  pass(10);
  const within = iso();
  pass(100);
  await setActive(old, true);
  await signIn();
  const before = await membersAt(group, within);
  expect(before).toEqual([old]);

  pass(395);
  await signIn();
  const limit = new Date(time - 400 * DAY_MS).toISOString();
  await sweep();
  expect((await owner.get('/history')).body.completeSince).toBe(limit);
  expect((await owner.get(`/users/${old}?asOf=2025-01-01T00:00:00.000Z`)).body.code).toBe('before_history');
  // Deletion follows with the next run.
  expect(await rowsOf(`user_id = '${old}' and kind = 'user'`)).toBe(7);
  pass(1);
  await signIn();
  await sweep();

  expect(await rowsOf(`user_id = '${old}' and kind = 'user'`)).toBe(2);
  expect(await rowsOf(`user_id = '${other}' and kind = 'membership'`)).toBe(0);
  expect(await rowsOf(`user_id = '${old}' and kind = 'membership'`)).toBe(1);
  const since = (await owner.get('/history')).body.completeSince;
  expect(await membersAt(group, since)).toEqual([old]);
  expect((await owner.get(`/users/${old}?asOf=${since}`)).body).toMatchObject({ status: 'inactive' });
  expect((await owner.get(`/users/${old}`)).body).toMatchObject({ status: 'active' });
  // The row that stays from before has lost what it replaced, and is no change to show.
  const changes = (await owner.get(`/users/${old}/history`)).body.data as unknown[];
  expect(changes).toHaveLength(1);
});

test('a state with a later time than the one that replaced it is swept by the order of writing', async () => {
  const user = '019a0000-0000-7000-8001-00000000000a';
  const at = (days: number) => new Date(time + days * DAY_MS).toISOString();
  await runSql(
    rollcall.databaseUrl,
    `insert into history (org_id, at, kind, user_id, state) values
      ('${organization.org}', '${at(1)}', 'user', '${user}', '{"status":"active","deletedAt":null}'),
      ('${organization.org}', '${at(3)}', 'user', '${user}', '{"status":"invited","deletedAt":null}'),
      ('${organization.org}', '${at(2)}', 'user', '${user}', '{"status":"inactive","deletedAt":null}')`,
  );
  pass(500);
  await sweep();
  pass(1);
  await sweep();
  const rows = await rollcall.rollcall.db.search<{ status: string }>(
    `select state ->> 'status' as status from history where org_id = $1 and user_id = $2`,
    [organization.org, user],
  );
  expect(rows).toEqual([{ status: 'inactive' }]);
});

test('one statement of the sweep reads a batch of rows, whatever the size of the history', async () => {
  const org = '019a0000-0000-7000-8000-0000000000aa' as OrgId;
  await runSql(
    rollcall.databaseUrl,
    `insert into history_marks (org_id, complete_since) values ('${org}', '2026-01-01');
    insert into history (org_id, at, kind, user_id, group_id, position, state)
      select '${org}', '2025-01-02'::timestamptz + i * interval '1 second', 'membership',
        ('019a0000-0000-7000-8001-' || lpad((i % 5000)::text, 12, '0'))::uuid,
        ('019a0000-0000-7000-8002-' || lpad((i % 5000 % 7)::text, 12, '0'))::uuid, i, '{}'
      from generate_series(1, 60000) i;
    analyze history`,
  );
  const reader = await PlanReader.connect(rollcall.databaseUrl, 'generic');
  try {
    const [statement] = await statementsOf((db) => sweepBatch(db, org, '2026-01-01T00:00:00.000Z'));
    if (statement === undefined) throw new Error('No statement was sent.');
    const { rows, blocks, plan } = await reader.read(statement);
    expect({ isFew: rows <= 2_000 && blocks < 40_000, rows, blocks, plan }).toMatchObject({ isFew: true });
  } finally {
    await reader.close();
  }
  await sweepHistory(rollcall.rollcall.db, new Date('2026-01-01T00:00:00.000Z'), signal);
  let batches = 0;
  while ((await sweepBatch(rollcall.rollcall.db, org, '2026-01-01T00:00:00.000Z')).more) batches += 1;
  const [left] = await rollcall.rollcall.db.search<{ n: number }>(
    'select count(*)::integer as n from history where org_id = $1',
    [org],
  );
  expect({ batches, n: left?.n }).toEqual({ batches: 60, n: 5_000 });
});

test('R149: a state that was written while the clock was ahead is deleted, too, once a later one has replaced it', async () => {
  const begun = time;
  pass(10);
  const user = await scimUser('ahead@acme.example');
  time = begun + 2 * DAY_MS;
  await setActive(user, false);
  const states = () => rowsOf(`user_id = '${user}' and group_id is null and kind = 'user'`);
  expect(await states()).toBe(2);
  // Each run deletes what the one before has left behind the limit: the later state is read by itself, in the last one.
  for (const days of [405, 406, 415]) {
    time = begun + days * DAY_MS;
    await sweep();
    expect(await states()).toBe(2);
  }
  time = begun + 416 * DAY_MS;
  await sweep();
  expect(await states()).toBe(1);
});
