import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConnectionId, GroupId, OrgId, UserId } from '../../src/directory/ids.ts';
import { findGroupRecord, findMembersAfter } from '../../src/directory/store/group-rows.ts';
import { changeMembers } from '../../src/directory/store/group-writes.ts';
import { createSearch } from '../../src/directory/store/search.ts';
import { findNameHolders, findUserRecord } from '../../src/directory/store/user-rows.ts';
import type { Database } from '../../src/platform/db.ts';
import type { Executor } from '../../src/platform/statement.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

/**
 * The first import of a directory runs before Postgres has statistics of it. Whatever a planner then believes,
 * the statements that clients send all day must find their rows by an index on the whole of the key.
 */
describe('plans without statistics', () => {
  const [org, group] = [
    '019a0000-0000-7000-8000-000000000001' as OrgId,
    '019a0000-0000-7000-8000-000000000002' as GroupId,
  ];
  const connection = '019a0000-0000-7000-8000-000000000003' as ConnectionId;
  const user = '019a0000-0000-7000-8000-000000000004' as UserId;
  let rollcall: TestRollcall;
  let db: Database;

  beforeAll(async () => {
    rollcall = await startRollcall();
    db = rollcall.rollcall.db;
    for (const table of ['users', 'user_links', 'user_email_keys', 'groups', 'group_members', 'counters']) {
      await db.search(`alter table ${table} set (autovacuum_enabled = false)`, []);
    }
    await db.search(
      `insert into users (org_id, id, user_name, user_name_key, email, email_key, display_name_key, status, role, source,
         created_at, updated_at, profile)
       select $1, gen_random_uuid(), 'u' || n, 'u' || n, 'u' || n, 'u' || n, 'u' || n, 'active', 'readonly', 'scim', now(), now(), '{}'
       from generate_series(1, 5000) n`,
      [org],
    );
    await db.search(`insert into user_links select org_id, id, $2, user_name from users where org_id = $1`, [
      org,
      connection,
    ]);
    await db.search(`insert into user_email_keys select org_id, email_key, id from users where org_id = $1`, [
      org,
    ]);
    await db.search(
      `insert into groups (org_id, id, display_name, display_name_key, created_at, updated_at, profile)
       values ($1, $2, 'G', 'g', now(), now(), '{}')`,
      [org, group],
    );
    await db.search(`insert into group_members select $1, $2, id, now() from users where org_id = $1`, [
      org,
      group,
    ]);
  });
  afterAll(() => rollcall.close());

  /** Explains the statement that `run` sends. */
  const planOf = async (run: (db: Database) => Promise<unknown>): Promise<string> => {
    let plan = '';
    const explain = async (text: string, values: readonly unknown[]) => {
      const rows = await db.search<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
      plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      return [];
    };
    const query: Executor['query'] = ({ text }, values) => explain(text, values) as Promise<never[]>;
    await run({ ...db, query, search: (text, values) => explain(text, values) as Promise<never[]> });
    return plan;
  };

  const asker = { org, connection };
  const page = (where: Parameters<ReturnType<typeof createSearch>['users']>[1]['where']) => ({
    where,
    sort: undefined,
    offset: 0,
    limit: 100,
    baseUrl: '',
  });
  const equals = (name: 'userName' | 'externalId' | 'displayName', value: string) =>
    page({ kind: 'compare', field: { kind: 'named', name, type: 'text' }, comparator: 'eq', value });

  test.each([
    [
      'a user by id',
      (on: Database) => findUserRecord(on, org, connection, user),
      ['users__id', 'user_links__id'],
    ],
    [
      'a new user’s names',
      (on: Database) => findNameHolders(on, org, 'u1', 'u1'),
      ['users__user_name', 'users__email'],
    ],
    [
      'a userName',
      (on: Database) => createSearch(on).users(asker, equals('userName', 'u1'), { offset: 0 }),
      ['users__user_name'],
    ],
    [
      'a displayName',
      (on: Database) => createSearch(on).users(asker, equals('displayName', 'u1'), { offset: 0 }),
      ['users__display_name'],
    ],
    [
      'an externalId',
      (on: Database) => createSearch(on).users(asker, equals('externalId', 'u1'), { offset: 0 }),
      ['user_links__external_id', 'users__id'],
    ],
    [
      'the members of a group',
      (on: Database) => findGroupRecord(on, org, connection, group, true),
      ['group_members__id', 'users__id'],
    ],
    [
      'the next members of a group',
      (on: Database) => findMembersAfter(on, org, group, user),
      ['group_members__id', 'users__id'],
    ],
    [
      'one member more',
      (on: Database) =>
        changeMembers(
          on,
          org,
          group,
          { clear: false, add: new Set([user]), remove: new Set() },
          {
            idBase: user.slice(0, 30),
            at: '2026-11-24T00:00:00Z',
            actor: '{}',
            context: '{}',
          },
        ),
      ['users__id'],
    ],
  ] as const)('%s is found by its key', async (_, run, indexes) => {
    const plan = await planOf(run);
    for (const index of indexes) expect(plan).toContain(index);
    const scans =
      plan.match(/(Seq Scan|Index (?:Only )?Scan using \S+) on (users|group_members|user_links)\b/g) ?? [];
    expect(scans.filter((scan) => scan.startsWith('Seq'))).toEqual([]);
    const others = [...plan.matchAll(/using (users__\w+)/g)].map(([, name]) => name);
    expect(others.filter((name) => !(indexes as readonly (string | undefined)[]).includes(name))).toEqual([]);
  });
});
