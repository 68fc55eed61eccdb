import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { envelope as eventEnvelope } from '../../src/audit/envelope.ts';
import { readFeed } from '../../src/audit/store/feed.ts';
import {
  findAdministeredGroup,
  findAdministeredMembers,
  searchGroups,
} from '../../src/directory/groups/store/administration.ts';
import { removeMemberships } from '../../src/directory/groups/store/memberships.ts';
import { findGroupRecord, findMembersAfter } from '../../src/directory/groups/store/rows.ts';
import { changeMembers } from '../../src/directory/groups/store/writes.ts';
import type { ConnectionId, GroupId, OrgId, UserId } from '../../src/directory/ids.ts';
import { keepingAnOwner } from '../../src/directory/last-owner.ts';
import { createSearch } from '../../src/directory/search/store/search.ts';
import { findTextHits } from '../../src/directory/search/store/text-search.ts';
import { termsOf } from '../../src/directory/search/terms.ts';
import type { UserFilter } from '../../src/directory/users/store/filter.ts';
import { searchUsers } from '../../src/directory/users/store/list.ts';
import { findNameHolders, findUserRecord } from '../../src/directory/users/store/users.ts';
import { readExportedTable } from '../../src/exports/store.ts';
import { eraseUser } from '../../src/lifecycle/store/erasure.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { createDatabase } from '../support/database.ts';
import { findPostgres15, startInstalledPostgres } from '../support/installed-postgres.ts';
import { PlanReader, type Reading, statementsOf } from '../support/plans.ts';
import { runSql } from '../support/postgres.ts';

/**
 * The first import of a directory runs before Postgres has statistics of it, and a statement that is prepared may have
 * a plan that was made for other values, or for fewer rows. Whatever a planner believes, the statements that clients
 * send all day must read no more than they return.
 */
const USERS = 20_000;
const org = '019a0000-0000-7000-8000-000000000001' as OrgId;
const connection = '019a0000-0000-7000-8000-000000000003' as ConnectionId;
const userId = (number: number) => `019a0000-0000-7000-8001-${String(number).padStart(12, '0')}` as UserId;
const groupOf = (members: number) =>
  `019a0000-0000-7000-8002-${String(members).padStart(12, '0')}` as GroupId;
/** An organization that has nothing but groups, as many as `GROUPS`. */
const orgOfGroups = '019a0000-0000-7000-8000-000000000002' as OrgId;
const GROUPS = 5_000;
const GROUP_SIZES = [10, 2_000, USERS];
const user = userId(USERS / 2);

const envelope = eventEnvelope(
  { actor: { type: 'connection', id: connection, via: 'scim' }, requestId: 'plans' },
  user,
  '2026-11-24T00:00:00Z',
);
const viewer = { org, connection };
const page = { sort: undefined, offset: 0, limit: 100, baseUrl: '' };
const equals = (name: 'userName' | 'externalId' | 'displayName' | 'id', value: string) =>
  ({ kind: 'compare', field: { kind: 'named', name, type: 'text' }, comparator: 'eq', value }) as const;
const email = {
  kind: 'some',
  collection: { kind: 'document', keys: ['emails'] },
  where: {
    kind: 'compare',
    field: { kind: 'document', keys: ['value'], type: 'text', caseExact: false },
    comparator: 'eq',
    value: 'u1',
  },
} as const;
const search = (where: Parameters<ReturnType<typeof createSearch>['users']>[1]['where']) => (on: Database) =>
  createSearch(on).users(viewer, { ...page, where }, { offset: 0 });
/** The row that is answered here says nothing of hits. */
const searchTitle = (value: string) => (on: Database) =>
  search({
    kind: 'compare',
    field: { kind: 'document', keys: ['title'], type: 'text', caseExact: false },
    comparator: 'eq',
    value,
  })(on).catch(() => undefined);
const userPage = { sort: 'createdAt', descending: true, after: undefined, limit: 51 } as const;
/** The row that is answered here is no user. */
const sendSearch = (on: Database, filter: UserFilter) =>
  searchUsers(on, org, { ...userPage, filter }, envelope.at).catch(() => undefined);
const sortedPage = (name: 'userName' | 'displayName', descending: boolean) =>
  ({
    ...page,
    where: undefined,
    sort: { field: { kind: 'named', name, type: 'text' }, collection: undefined, descending },
  }) as const;
const users = (from: number, to: number) =>
  new Set(Array.from({ length: to - from }, (_, index) => userId(from + index)));
const none: ReadonlySet<UserId> = new Set();
const members = (group: GroupId, delta: Parameters<typeof changeMembers>[2]['members']) => (on: Database) =>
  changeMembers(on, org, { id: group, members: delta, event: envelope });

interface Case {
  readonly name: string;
  readonly run: (on: Database) => Promise<unknown>;
  /** The most rows that a node of the plan may handle. */
  readonly rows: number;
  readonly blocks: number;
  /** Whether the first statement is meant; otherwise it is the last. */
  readonly first?: boolean;
  /** Whether that holds only where Postgres knows how many rows there are. */
  readonly needsStatistics?: boolean;
  /** Whether that also holds for a plan that was made once for all while the tables were empty. */
  readonly early?: boolean;
  /** Sent by `search`, which prepares nothing and may rely on statistics: looked at with both only. */
  readonly searched?: boolean;
}

const lookup = (name: string, run: Case['run']): Case => ({ name, run, rows: 20, blocks: 80 });
/** @param condition that holds for some events of the organization */
const newest = (condition: string) => (on: Database) =>
  on.query(
    {
      name: 'newest',
      text: `select id, at, action from events where org_id = $1 and ${condition} order by id desc limit 10`,
    },
    [org],
  );
const early = (one: Case): Case => ({ ...one, early: true });

const searched = (one: Case): Case => ({ ...one, searched: true });

const cases: readonly Case[] = [
  early(
    lookup('checks a foreign key to a user', (on) =>
      on.search('select 1 from only users x where org_id = $1::uuid and id = $2::uuid for key share of x', [
        org,
        user,
      ]),
    ),
  ),
  lookup('finds a user by id', (on) => findUserRecord(on, org, connection, user)),
  lookup('finds who has a new user’s names', (on) => findNameHolders(on, org, 'u1', 'u2')),
  lookup('finds a userName', search(equals('userName', 'u1'))),
  lookup('finds a displayName', search(equals('displayName', 'u1'))),
  lookup('finds an externalId', search(equals('externalId', 'u1'))),
  lookup('finds an e-mail', search(email)),
  lookup(
    'finds a userName or an externalId',
    search({ kind: 'or', all: [equals('userName', 'u1'), equals('externalId', 'u2')] }),
  ),
  lookup(
    'finds an id, a userName or an e-mail',
    search({ kind: 'or', all: [equals('id', user), equals('userName', 'u7'), email] }),
  ),
  ...GROUP_SIZES.flatMap((size) => [
    early(
      lookup(
        `adds a member to a group of ${size}`,
        members(groupOf(size), { clear: false, add: new Set([user]), remove: none }),
      ),
    ),
    early(
      lookup(
        `removes a member of a group of ${size}`,
        members(groupOf(size), { clear: false, add: none, remove: new Set([userId(5)]) }),
      ),
    ),
    lookup(`removes a member of a group of ${size} for an administrator`, (on) =>
      removeMemberships(on, org, { groups: [groupOf(size)], users: [userId(5)] }, envelope.at),
    ),
  ]),
  lookup('removes a user from all groups', (on) =>
    removeMemberships(on, org, { groups: 'all', users: [userId(5)] }, envelope.at),
  ),
  {
    name: 'reads the first page of members of a large group',
    early: true,
    run: (on) => findGroupRecord(on, org, connection, groupOf(USERS), true),
    rows: 1_000,
    blocks: 6_000,
  },
  {
    name: 'reads a page in the middle of a large group',
    early: true,
    run: (on) => findMembersAfter(on, org, groupOf(USERS), user),
    rows: 1_000,
    blocks: 6_000,
  },
  {
    name: 'reads a page of members for an administrator',
    early: true,
    run: (on) => findAdministeredMembers(on, org, groupOf(USERS), {}, { after: user, limit: 100 }),
    rows: 100,
    blocks: 600,
  },
  {
    name: 'finds the members of a large group whose name begins with two letters',
    run: (on) =>
      findAdministeredMembers(on, org, groupOf(USERS), { text: 'u1' }, { after: user, limit: 100 }),
    rows: 100,
    blocks: 600,
  },
  {
    name: 'counts the first 10,000 members of a group of 20,000',
    early: true,
    run: (on) => findAdministeredGroup(on, org, groupOf(USERS)),
    rows: 10_000,
    blocks: 60_000,
  },
  {
    name: 'counts the first 1,000 members of each group of a list',
    run: (on) => searchGroups(on, org, {}, { after: undefined, limit: 51 }),
    // Of 10, 2,000 and 20,000 members.
    rows: 2_010,
    blocks: 15_000,
  },
  {
    name: 'reads a page in the middle of all users',
    early: true,
    // Postgres 15 without statistics sorts all rows after the position.
    needsStatistics: true,
    run: (on) => createSearch(on).users(viewer, { ...page, where: undefined }, { after: { id: user } }),
    rows: 200,
    blocks: 1_200,
  },
  {
    name: 'reads a page in the middle of all groups',
    early: true,
    needsStatistics: true,
    run: (on) =>
      createSearch(on).groups(
        { org: orgOfGroups, connection },
        { ...page, where: undefined },
        { after: { id: groupOf(GROUPS / 2) } },
        true,
      ),
    rows: 200,
    blocks: 1_200,
  },
  ...(['userName', 'displayName'] as const).flatMap((name) =>
    [false, true].map((descending) => ({
      name: `reads a page in the middle of all users, sorted by ${name}${descending ? ', descending' : ''}`,
      // Those without a value follow in a second statement.
      first: true,
      needsStatistics: true,
      run: (on: Database) =>
        createSearch(on).users(viewer, sortedPage(name, descending), { after: { id: user, key: 'u10000' } }),
      rows: 200,
      blocks: 1_200,
    })),
  ),
  {
    name: 'reads a page in the middle of all groups, sorted by displayName',
    first: true,
    needsStatistics: true,
    run: (on) =>
      createSearch(on).groups(
        { org: orgOfGroups, connection },
        sortedPage('displayName', false),
        { after: { id: groupOf(GROUPS / 2), key: 'g2500' } },
        true,
      ),
    rows: 200,
    blocks: 1_200,
  },
  {
    name: 'replaces the members of a group by those it has',
    run: members(groupOf(2_000), { clear: true, add: users(0, 2_000), remove: none }),
    rows: 4_100,
    blocks: 15_000,
  },
  {
    name: 'replaces the members of a group by others',
    run: members(groupOf(2_000), { clear: true, add: users(2_000, 4_000), remove: none }),
    rows: 8_000,
    blocks: 80_000,
  },
  {
    name: 'removes the members of a group',
    run: members(groupOf(2_000), { clear: false, add: none, remove: users(0, 2_000) }),
    rows: 4_100,
    blocks: 80_000,
  },
  searched({ ...lookup('finds any part of a name', (on) => findTextHits(on, org, '19999')), blocks: 200 }),
  searched({ ...lookup('finds a title', searchTitle('t1')), blocks: 200 }),
  searched({ ...lookup('finds nobody with a title', searchTitle('nobody')), blocks: 200 }),
  searched(lookup('finds who is an admin now', (on) => sendSearch(on, { effectiveRole: ['admin'] }))),
  searched(lookup('finds who is an owner', (on) => sendSearch(on, { owner: true }))),
  searched({
    name: 'finds the few who are outside single sign-on: reads users and identities once each, beside one another',
    run: (on) => sendSearch(on, { status: ['active'], outsideSso: true }),
    first: true,
    rows: 2 * USERS,
    blocks: 3_000,
  }),
  lookup('reads the newest events by time', newest('true')),
  lookup('reads the newest events of an actor', newest(`actor_id = '${userId(7)}'`)),
  lookup('reads the newest events of a connection', newest(`actor_id = '${connection}'`)),
  lookup('reads the newest events of a target', newest(`target_id = '${groupOf(USERS)}'`)),
  lookup('reads the newest events of an other party', newest(`member_id = '${userId(7)}'`)),
  lookup('reads the newest events of an action', newest(`action = 'user.created'`)),
  {
    name: 'reads the next events of a consumer from the middle of the feed',
    // Postgres 15 without statistics sorts all events after the cursor.
    needsStatistics: true,
    run: (on) => readFeed(on, org, 'webhooks', 20),
    rows: 40,
    blocks: 120,
  },
  {
    name: 'erases a user',
    run: (on) =>
      keepingAnOwner(on, org, (requireActiveOwner) =>
        eraseUser(on, org, requireActiveOwner(userId(9), false), undefined, ['u9'], envelope),
      ),
    rows: 60,
    blocks: 700,
  },
  lookup('reads the events about a user', (on) => readExportedTable(on, org, userId(7), 'events')),
  lookup('reads the events that a user caused', (on) => readExportedTable(on, org, userId(7), 'actions')),
];

/** Each user has a title of their own. */
const titles = `insert into user_search (org_id, user_id, text, terms)
  select '${org}', id, text, terms::bigint[] from (values ${Array.from(
    { length: USERS },
    (_, n) => `('${userId(n)}'::uuid, 'u${n}', '${termsOf(org, { title: `t${n}` })}')`,
  ).join(', ')}) t (id, text, terms);`;

const load = `
  set session_replication_role = replica;
  insert into users (org_id, id, user_name, user_name_key, email, email_key, display_name_key, status, role, source,
    created_at, updated_at, profile)
  select '${org}', ('019a0000-0000-7000-8001-' || lpad(n::text, 12, '0'))::uuid, 'u' || n, 'u' || n, 'u' || n, 'u' || n,
    'u' || n, 'active', 'readonly', 'scim', now(), now(), '{}' from generate_series(0, ${USERS - 1}) n;
  insert into user_links select org_id, id, '${connection}', user_name from users;
  insert into sso_connections (org_id, connection_id, protocol, provider, state, settings, created_at, updated_at)
  values ('${org}', '${connection}', 'saml', 'okta', 'active', '{}', now(), now());
  insert into identities (org_id, connection_id, subject, user_id, linked_by, linked_at)
  select org_id, '${connection}', user_name, id, 'jit', now() from users order by id limit ${USERS - 10};
  insert into user_email_keys select org_id, email_key, id from users;
  ${titles}
  ${GROUP_SIZES.map(
    (
      size,
    ) => `insert into groups (org_id, id, display_name, display_name_key, created_at, updated_at, profile)
    values ('${org}', '${groupOf(size)}', 'G${size}', 'g${size}', now(), now(), '{}');
  insert into group_members
    select org_id, '${groupOf(size)}', id, now() from users order by id limit ${size};`,
  ).join('\n')}
  insert into groups (org_id, id, display_name, display_name_key, created_at, updated_at, profile)
  select '${orgOfGroups}', ('019a0000-0000-7000-8002-' || lpad(n::text, 12, '0'))::uuid, 'g' || n, 'g' || n, now(), now(),
    '{}' from generate_series(0, ${GROUPS - 1}) n;
  insert into group_links select org_id, id, '${connection}', display_name from groups;
  insert into events (org_id, id, at, action, outcome, actor_type, actor_id, via, target_type, target_id, member_id)
  select org_id, id, now(), 'group.member_added', 'success', 'user', id, 'api', 'group', '${groupOf(USERS)}', id
    from users;
  insert into events (org_id, id, at, action, outcome, actor_type, actor_id, via, target_type, target_id)
  select org_id, gen_random_uuid(), now(), 'user.created', 'success', 'connection', '${connection}', 'scim', 'user', id
    from users;
  insert into event_cursors select '${org}', 'webhooks', feed_position, id from events order by feed_position, id
    offset ${USERS} limit 1;`;

/** @param start gives a migrated, empty database */
function plansOn(server: string, start: () => Promise<{ url: string; stop(): Promise<void> }>): void {
  const states = ['fresh', 'analysed'].flatMap((state) =>
    (['custom', 'generic'] as const).map((plans) => ({ state, plans, key: `${state}, ${plans} plans` })),
  );
  const keysOf = (one: Case) => [
    ...(one.early === true ? ['planned while empty'] : []),
    ...states
      .filter(({ state, plans }) => one.searched !== true || (state === 'analysed' && plans === 'custom'))
      .filter(({ state }) => one.needsStatistics !== true || state === 'analysed')
      .map(({ key }) => key),
  ];
  describe(`on ${server}`, () => {
    const readings = new Map<string, Reading>();
    let stop = async () => {};

    beforeAll(async () => {
      const database = await start();
      ({ stop } = database);
      const { url } = database;
      const sent = await Promise.all(
        cases.map(async ({ run, first }) => (await statementsOf(run)).at(first === true ? 0 : -1)),
      );
      const readAll = async (key: string, reader: PlanReader, which: (one: Case) => boolean) => {
        for (const [index, one] of cases.entries()) {
          const statement = sent[index];
          if (statement === undefined) throw new Error(`Nothing was sent: ${one.name}.`);
          if (which(one)) readings.set(`${key}: ${one.name}`, await reader.read(statement));
        }
      };
      const isEarly = (one: Case) => one.early === true;
      const before = await PlanReader.connect(url, 'generic');
      await readAll('planned while empty', before, isEarly);
      await runSql(url, load);
      await readAll('planned while empty', before, isEarly);
      await before.close();
      for (const { state, plans, key } of states) {
        if (state === 'analysed' && plans === 'custom') await runSql(url, 'analyze');
        const reader = await PlanReader.connect(url, plans);
        await readAll(key, reader, () => true);
        await reader.close();
      }
    }, 180_000);
    afterAll(() => stop());

    test.each(cases.flatMap((each) => keysOf(each).map((key) => ({ ...each, key }))))(
      '$key: $name',
      ({ key, name, rows, blocks }) => {
        const reading = readings.get(`${key}: ${name}`) as Reading;
        if (reading.rows > rows || reading.blocks > blocks) {
          throw new Error(
            `It may read ${rows} rows and ${blocks} blocks, and read ${reading.rows} and ${reading.blocks}:\n${reading.plan}`,
          );
        }
      },
    );
  });
}

describe('what a statement reads', () => {
  plansOn('the Postgres of the tests', async () => {
    const { url, drop } = await createDatabase();
    return { url, stop: drop };
  });
  const bin = findPostgres15();
  if (bin === undefined) {
    test.skip('on Postgres 15, which is not installed: set TEST_POSTGRES_15_BIN to its bin folder', () => {});
  } else {
    plansOn('Postgres 15', () => startInstalledPostgres(bin));
  }
});
