import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OrgId } from '../../src/directory/ids.ts';
import { searchUsers } from '../../src/directory/users/store/list.ts';
import { countRolesAt } from '../../src/history/store/privileged.ts';
import { countLinkedToSso } from '../../src/posture/store/everyone.ts';
import { countActive } from '../../src/posture/store/privileged.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { PlanReader, statementsOf } from '../support/plans.ts';
import { runSql } from '../support/postgres.ts';

/** Of these one in fifty is inactive or pending, and one in a hundred is deleted. */
const USERS = 60_000;
const org = '019a0000-0000-7000-8000-000000000001' as OrgId;
const connection = '019a0000-0000-7000-8000-000000000003';
let database: TestDatabase;
let reader: PlanReader;

beforeAll(async () => {
  database = await createDatabase();
  await runSql(
    database.url,
    // Vacuum marks only those pages as visible whose commit has reached the disk.
    `set session_replication_role = replica; set synchronous_commit = on;
    insert into users (org_id, id, user_name, user_name_key, profile, role, status, source, deleted_at, created_at, updated_at)
      select '${org}', ('019a0000-0000-7000-8001-' || lpad(i::text, 12, '0'))::uuid, 'u' || i,
        case when i % 100 <> 0 then 'u' || i end, jsonb_build_object('title', repeat('x', 500)), 'readonly',
        case when i % 100 = 1 then 'pending' when i % 100 = 2 then 'inactive' else 'active' end, 'scim',
        case when i % 100 = 0 then '2026-02-01'::timestamptz end, '2026-01-01', '2026-01-01'
      from generate_series(1, ${USERS}) i;
    insert into history (org_id, at, seq, kind, user_id, state)
      select org_id, case when i % 1000 = 5 then now() else '2026-01-01' end, i, 'user', id, jsonb_build_object('status', status,
        'role', role, 'owner', owner, 'deletedAt', deleted_at, 'deactivations', deactivations)
      from (select u.*, row_number() over (order by id) as i from users u) u;
    insert into sso_connections (org_id, connection_id, protocol, provider, state, settings, created_at, updated_at)
      values ('${org}', '${connection}', 'saml', 'okta', 'active', '{}', '2026-01-01', '2026-01-01');
    insert into identities (org_id, connection_id, subject, user_id, linked_by, linked_at)
      select org_id, '${connection}', id::text, id, 'jit', '2026-01-01' from users where user_name <> 'u7' and user_name <> 'u40007'`,
  );
  await runSql(database.url, 'vacuum (analyze) users, history, identities, sso_connections');
  reader = await PlanReader.connect(database.url, 'custom');
}, 120_000);
afterAll(async () => {
  await reader.close();
  await database.drop();
});

test('posture: counting the active people reads those who are not active, not everyone', async () => {
  const [statement] = await statementsOf((db) => countActive(db, org));
  if (statement === undefined) throw new Error('No statement was sent.');
  const { rows, plan } = await reader.read(statement);
  expect({ isFew: rows <= USERS / 50, rows, plan }).toMatchObject({ isFew: true });
});

test('posture: the comparison with thirty days before reads who changed since, not everyone', async () => {
  const asOf = new Date(Date.now() - 30 * 86_400_000).toISOString();
  const [statement] = await statementsOf((db) => countRolesAt(db, { org, asOf }, USERS));
  if (statement === undefined) throw new Error('No statement was sent.');
  const { rows, plan } = await reader.read(statement);
  expect({ isFew: rows <= USERS / 50, rows, plan }).toMatchObject({ isFew: true });
});

/** More than the indexes of 60,000 users and identities have, and fewer than the users themselves. */
const BLOCKS = 2_500;

test.each(['createdAt', 'name'] as const)(
  'posture: the list of the few outside single sign-on, by %s, reads two indexes and not everyone',
  async (sort) => {
    const filter = { status: ['active'], outsideSso: true } as const;
    const page = { filter, sort, descending: sort === 'createdAt', after: undefined, limit: 51 };
    const [statement] = await statementsOf((db) =>
      searchUsers(db, org, page, '2026-06-01T00:00:00Z').catch(() => undefined),
    );
    if (statement === undefined) throw new Error('No statement was sent.');
    const { blocks, plan } = await reader.read(statement);
    expect({ isFew: blocks <= BLOCKS, blocks, plan }).toMatchObject({ isFew: true });
  },
);

test('posture: counting those outside single sign-on reads an index of identities and those who are not active', async () => {
  const [statement] = await statementsOf((db) => countLinkedToSso(db, org));
  if (statement === undefined) throw new Error('No statement was sent.');
  const { blocks, plan } = await reader.read(statement);
  expect({ isFew: blocks <= 2 * BLOCKS, blocks, plan }).toMatchObject({ isFew: true });
});
