import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ConnectionId, OrgId } from '../../src/directory/ids.ts';
import { createSearch } from '../../src/directory/search/store/search.ts';
import { termsOf } from '../../src/directory/search/terms.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { runSql } from '../support/postgres.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

/** More than a probe of the index of terms reads (ADR 0039). */
const USERS = 50_100;

let rollcall: TestRollcall;
let organization: TestOrganization;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  const org = organization.org as OrgId;
  await runSql(
    rollcall.databaseUrl,
    `set session_replication_role = replica;
    insert into users (org_id, id, user_name, user_name_key, status, role, source, created_at, updated_at, profile)
      select '${org}', gen_random_uuid(), 'c' || n, 'c' || n, 'active', 'readonly', 'scim', now(), now(),
        '{"title":"Clerk"}' from generate_series(1, ${USERS}) n;
    insert into user_search (org_id, user_id, text, terms)
      select org_id, id, user_name, '${termsOf(org, { title: 'Clerk' })}'::bigint[] from users
      where user_name like 'c%' and profile ->> 'title' = 'Clerk';
    analyze users; analyze user_search`,
  );
}, 60_000);
afterAll(() => rollcall.close());

test('a filter with more than 50,000 hits is looked for in the index once a minute, not for each first page', async () => {
  const sent: string[] = [];
  const { db } = rollcall.rollcall;
  const counting = {
    query: (...given: Parameters<Database['query']>) => db.query(...given),
    search: (...given: Parameters<Database['search']>) => {
      sent.push(given[0]);
      return db.search(...given);
    },
  } as unknown as Database;
  const search = createSearch(counting);
  const viewer = { org: organization.org as OrgId, connection: organization.connection as ConnectionId };
  const where = {
    kind: 'compare',
    field: { kind: 'document', keys: ['title'], type: 'text', caseExact: false },
    comparator: 'eq',
    value: 'clerk',
  } as const;
  const page = { where, sort: undefined, offset: 0, limit: 100, baseUrl: '' };
  const isProbe = (text: string) => text.includes('hits as materialized');
  for (const probes of [1, 0, 0]) {
    sent.length = 0;
    const { items } = await search.users(viewer, page, { after: undefined });
    expect(items).toHaveLength(100);
    expect(await search.countUsers(viewer, page)).toBe(USERS);
    expect(sent.filter(isProbe)).toHaveLength(probes);
  }
});
