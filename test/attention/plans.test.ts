import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findScimHealth } from '../../src/attention/store/connections.ts';
import { findEnding } from '../../src/attention/store/expiring.ts';
import { countWaitingJobs, findDeadJobs } from '../../src/attention/store/operation.ts';
import { findPeople } from '../../src/attention/store/people.ts';
import type { GroupId, OrgId } from '../../src/directory/ids.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { PlanReader, statementsOf } from '../support/plans.ts';
import { runSql } from '../support/postgres.ts';

/** Of these none ever signed in, half are inactive, and one in ten is pending with an invitation that expired. */
const USERS = 60_000;
const JOBS = 50_000;
const KEYS = 20_000;
const org = '019a0000-0000-7000-8000-000000000001' as OrgId;
const connection = '019a0000-0000-7000-8000-000000000003';
const group = '019a0000-0000-7000-8002-000000000001' as GroupId;
const id = (kind: number, number: string) =>
  `('019a0000-0000-7000-800${kind}-' || lpad((${number})::text, 12, '0'))::uuid`;
let database: TestDatabase;
let reader: PlanReader;

beforeAll(async () => {
  database = await createDatabase();
  await runSql(
    database.url,
    `set session_replication_role = replica;
    insert into connections (org_id, id, name, created_at) values ('${org}', '${connection}', 'Okta', '2026-01-01');
    insert into users (org_id, id, user_name, user_name_key, profile, role, status, source, created_at, updated_at)
      select '${org}', ${id(1, 'i')}, 'u' || i, 'u' || i, '{}', 'readonly',
        case when i % 10 = 0 then 'pending' when i % 2 = 0 then 'inactive' else 'active' end, 'scim', '2026-01-01', '2026-01-01'
      from generate_series(1, ${USERS}) i;
    insert into group_members (org_id, group_id, user_id, sources, added_at)
      select '${org}', '${group}', ${id(1, 'i')}, '{scim}', '2026-01-01' from generate_series(1, ${USERS / 2}) i;
    insert into invitations (org_id, id, user_id, hash, created_at, sent_at, expires_at)
      select '${org}', ${id(3, 'i')}, ${id(1, 'i * 10')}, '', '2026-01-01', '2026-01-01', '2026-01-08'
      from generate_series(1, ${USERS / 10}) i;
    insert into jobs (id, org_id, kind, due_at, created_at, queued_at, dead_at)
      select ${id(4, 'i')}, '${org}', 'send_mail', '2026-01-01', '2026-01-01', '2026-01-01',
        case when i % 2 = 0 then '2026-01-02'::timestamptz end
      from generate_series(1, ${JOBS}) i;
    insert into api_keys (org_id, id, user_id, name, hash, scopes, created_at, enabled_at, expires_at)
      select '${org}', ${id(5, 'i')}, ${id(1, 'i')}, 'K', '', '{}', '2026-01-01', '2026-01-01',
        '2026-02-01'::timestamptz + i * interval '1 hour'
      from generate_series(1, ${KEYS}) i;
    insert into scim_requests (org_id, id, at, connection_id, method, path, status, ms, request_state, request_bytes,
        response_state, mentions)
      select '${org}', ${id(6, 'i')}, '2026-06-01', '${connection}', 'POST', '/Users', 409, 1, 'none', 0, 'none', '{}'
      from generate_series(1, 20000) i;
    analyze users; analyze group_members; analyze invitations; analyze jobs; analyze api_keys; analyze scim_requests;`,
  );
  reader = await PlanReader.connect(database.url, 'custom');
}, 120_000);
afterAll(async () => {
  await reader.close();
  await database.drop();
});

const now = new Date('2026-06-01T12:00:00Z');
const times = {
  now: now.toISOString(),
  joinedBefore: '2026-05-18T00:00:00.000Z',
  seenBefore: '2026-03-01T00:00:00.000Z',
};
const span = { from: now.toISOString(), to: '2026-07-01T00:00:00.000Z' };

test.each<[string, number, (db: Database) => Promise<unknown>]>([
  ['people', 6_000, (db) => findPeople(db, org, undefined, times, 1_000)],
  ['people of a manager’s groups', 40_000, (db) => findPeople(db, org, [group], times, 1_000)],
  ['dead jobs', 2_100, (db) => findDeadJobs(db, org, 1_000)],
  ['waiting jobs', 2_100, (db) => countWaitingJobs(db, org, 1_000)],
  [
    'what ends',
    200,
    (db) => findEnding(db, org, span, { certificates: true, tokens: true, keys: 'all' }, 1_000),
  ],
  [
    'failed requests',
    1_100,
    (db) => findScimHealth(db, org, { since: new Date('2020-01-01'), now, most: 1_000 }),
  ],
])(
  'attention: at 60,000 users the look for %s handles at most %i rows in a step',
  async (_name, most, run) => {
    const [statement] = await statementsOf(run);
    if (statement === undefined) throw new Error('No statement was sent.');
    const { rows, plan } = await reader.read(statement);
    expect({ isFew: rows <= most, rows, plan }).toMatchObject({ isFew: true });
  },
);
