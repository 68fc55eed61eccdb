import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GroupId, OrgId, UserId } from '../../src/directory/ids.ts';
import { findChanges, findDifferences } from '../../src/history/store/changes.ts';
import { listMembersAt, listMembershipsAt, listUsersAt } from '../../src/history/store/states.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { PlanReader, type Reading, statementsOf } from '../support/plans.ts';
import { runSql } from '../support/postgres.ts';

/** 100,000 users and 1,000,000 changes: each has joined a group and left it again, over and over. */
const USERS = 100_000;
const CHANGES = 900_000;
const GROUPS = 1_000;
const org = '019a0000-0000-7000-8000-000000000001' as OrgId;
const user = `019a0000-0000-7000-8001-${String(USERS / 2).padStart(12, '0')}` as UserId;
const group = '019a0000-0000-7000-8002-000000000007' as GroupId;
const asOf = '2026-06-01T00:00:00.000Z';

let database: TestDatabase;
const PART = 50_000;
let reader: PlanReader;

beforeAll(async () => {
  database = await createDatabase();
  await runSql(
    database.url,
    `insert into history (org_id, at, kind, user_id, position, state)
      select '${org}', '2026-01-01'::timestamptz + i * interval '1 second', 'user',
        ('019a0000-0000-7000-8001-' || lpad(i::text, 12, '0'))::uuid, i,
        '{"status":"active","role":"train","owner":false,"source":"scim","deletedAt":null,"deactivations":0}'
      from generate_series(1, ${USERS}) i;
    insert into history (org_id, at, kind, group_id, position, state)
      select '${org}', '2026-01-01', 'group', ('019a0000-0000-7000-8002-' || lpad(i::text, 12, '0'))::uuid, i,
        '{"name":"G","role":null,"description":null,"source":"scim"}'
      from generate_series(1, ${GROUPS}) i;`,
  );
  // In parts: the feed of every test on this Postgres waits for its longest transaction.
  for (let from = 1; from <= CHANGES; from += PART) {
    await runSql(
      database.url,
      `insert into history (org_id, at, kind, user_id, group_id, position, state)
      select '${org}', '2026-01-02'::timestamptz + i * interval '20 seconds', 'membership',
        ('019a0000-0000-7000-8001-' || lpad((i % ${USERS} + 1)::text, 12, '0'))::uuid,
        ('019a0000-0000-7000-8002-' || lpad((i % ${GROUPS} + 1)::text, 12, '0'))::uuid, i,
        case when (i / ${USERS}) % 2 = 0 then '{"inGroupRole":"member","sources":["scim"]}'::jsonb end
      from generate_series(${from}, ${from + PART - 1}) i`,
    );
  }
  await runSql(database.url, 'analyze history');
  reader = await PlanReader.connect(database.url, 'custom');
}, 180_000);
afterAll(async () => {
  await reader.close();
  await database.drop();
});

/** What the statement of a store function reads. */
async function readingOf(run: (db: Database) => Promise<unknown>): Promise<Reading> {
  const [statement] = await statementsOf(run);
  if (statement === undefined) throw new Error('No statement was sent.');
  return reader.read(statement);
}

const first = { after: undefined, limit: 51 };

describe('R149, R150: at 100,000 users and 1,000,000 changes', () => {
  test.each<[string, number, (db: Database) => Promise<unknown>]>([
    ['a page of users', 500, (db) => listUsersAt(db, { org, asOf }, {}, first)],
    [
      'a page of users in the middle',
      500,
      (db) => listUsersAt(db, { org, asOf }, {}, { after: user, limit: 51 }),
    ],
    ['one user', 50, (db) => listUsersAt(db, { org, asOf }, { ids: [user] }, { after: undefined, limit: 1 })],
    ['the groups of one user', 100, (db) => listMembershipsAt(db, { org, asOf }, [user])],
    ['a page of the members of a group', 5_000, (db) => listMembersAt(db, { org, asOf }, group, first)],
    ['the changes of one user', 500, (db) => findChanges(db, org, {}, { user }, undefined)],
  ])('%s reads at most %i rows', async (_name, most, run) => {
    const { rows, plan } = await readingOf(run);
    expect({ isFew: rows <= most, rows, plan }).toMatchObject({ isFew: true });
  });

  test('a page of the differences of a year reads a bounded number of blocks', async () => {
    const span = { from: '2026-01-02T00:00:00.000Z', to: '2026-12-31T00:00:00.000Z' };
    const { blocks, plan } = await readingOf((db) => findDifferences(db, org, span, {}, undefined));
    expect({ isFew: blocks < 60_000, blocks, plan }).toMatchObject({ isFew: true });
  });
});
