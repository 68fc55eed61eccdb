import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OrgId } from '../../src/directory/ids.ts';
import { countRolesAt } from '../../src/history/store/privileged.ts';
import { countActive } from '../../src/posture/store/privileged.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { PlanReader, statementsOf } from '../support/plans.ts';
import { runSql } from '../support/postgres.ts';

/** Of these one in fifty is inactive or pending, and one in a hundred is deleted. */
const USERS = 60_000;
const org = '019a0000-0000-7000-8000-000000000001' as OrgId;
let database: TestDatabase;
let reader: PlanReader;

beforeAll(async () => {
  database = await createDatabase();
  await runSql(
    database.url,
    `set session_replication_role = replica;
    insert into users (org_id, id, user_name, user_name_key, profile, role, status, source, deleted_at, created_at, updated_at)
      select '${org}', ('019a0000-0000-7000-8001-' || lpad(i::text, 12, '0'))::uuid, 'u' || i,
        case when i % 100 <> 0 then 'u' || i end, '{}', 'readonly',
        case when i % 100 = 1 then 'pending' when i % 100 = 2 then 'inactive' else 'active' end, 'scim',
        case when i % 100 = 0 then '2026-02-01'::timestamptz end, '2026-01-01', '2026-01-01'
      from generate_series(1, ${USERS}) i;
    insert into history (org_id, at, seq, kind, user_id, state)
      select org_id, case when i % 1000 = 5 then now() else '2026-01-01' end, i, 'user', id, jsonb_build_object('status', status,
        'role', role, 'owner', owner, 'deletedAt', deleted_at, 'deactivations', deactivations)
      from (select u.*, row_number() over (order by id) as i from users u) u;
    analyze users; analyze history`,
  );
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
