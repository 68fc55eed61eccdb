import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConnectionId, OrgId } from '../../src/directory/ids.ts';
import { createSearch } from '../../src/directory/search/store/search.ts';
import { termsOf } from '../../src/directory/search/terms.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { runSql } from '../support/postgres.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

/** More than a probe of the index of terms reads (ADR 0039). */
const USERS = 50_100;
const CLERK = { title: 'Clerk', emails: [{ type: 'work', value: 'clerk@example.com' }] };

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
        '${JSON.stringify(CLERK)}' from generate_series(1, ${USERS}) n;
    insert into user_search (org_id, user_id, text, terms)
      select org_id, id, user_name, '${termsOf(org, CLERK)}'::bigint[] from users
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

describe('Among more than 250,000 users, a filter on what is no column', () => {
  const setCount = (users: number) =>
    runSql(
      rollcall.databaseUrl,
      `insert into counters (org_id, name, subject_id, slot, value, changed_at)
        values ('${organization.org}', 'users', '${organization.org}', 0, ${users}, now())
        on conflict (org_id, name, subject_id, slot) do update set value = excluded.value`,
    );
  beforeAll(() => setCount(250_001));
  afterAll(() => setCount(0));
  const list = (filter: string, more = '') =>
    organization.scim('GET', `/Users?filter=${encodeURIComponent(filter)}${more}`);

  test.each([
    'title co "ler"',
    'title lt "d"',
    'emails.type ne "work"',
    'emails.type sw "w"',
    'emails[type eq "work" and not (value eq "x@example.com")]',
    'not (emails.type co "w")',
    'id sw "0"',
    'externalId co "x"',
    'meta.location ew "0"',
  ])('%s, whose hits no index narrows, is refused with its total and without', async (filter) => {
    for (const more of ['', '&count=0']) {
      const { body } = await list(filter, more).expect(400);
      expect(body).toMatchObject({ scimType: 'tooMany', detail: expect.stringContaining('use eq or pr') });
    }
  });

  test('is answered where few have the attribute, or an index has its parts', async () => {
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
    const user = { schemas, userName: 'rare', nickName: 'Rarity', ims: [{ value: 'rare', type: 'xmpp' }] };
    const { body: rare } = await organization.scim('POST', '/Users', user).expect(201);
    for (const filter of [
      'nickName co "arit"',
      'nickName gt "q"',
      'ims.type ne "aim"',
      'ims[type ne "aim" and value sw "ra"]',
      'title eq "nothing" or nickName ew "ity"',
      'not (nickName co "arit") and nickName pr or nickName sw "rar"',
    ]) {
      const { body } = await list(filter).expect(200);
      expect([filter, body.totalResults, body.Resources[0].id]).toEqual([filter, 1, rare.id]);
    }
    for (const filter of ['ims.type ne "xmpp"', 'photos.value ne "x"', 'emails.value sw "no.such"']) {
      expect([filter, (await list(filter).expect(200)).body.totalResults]).toEqual([filter, 0]);
    }
  });
});

test('an empty text, which has no term, is found by what it fulfils', async () => {
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
  const { body } = await organization.scim('POST', '/Users', { schemas, userName: 'empty' }).expect(201);
  await runSql(rollcall.databaseUrl, `update users set profile = '{"nickName": ""}' where id = '${body.id}'`);
  for (const filter of ['nickName lt "a"', 'nickName le "a"', 'nickName sw ""', 'nickName co ""']) {
    const { body: found } = await organization
      .scim('GET', `/Users?filter=${encodeURIComponent(filter)}`)
      .expect(200);
    expect([filter, found.Resources.map(({ id }: { id: string }) => id)]).toEqual([
      filter,
      expect.arrayContaining([body.id]),
    ]);
  }
});
