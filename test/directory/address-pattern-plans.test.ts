import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { rangeOfPattern } from '../../src/directory/groups/rules/address-pattern.ts';
import {
  findJoining,
  findOrganizationsToFollow,
  findPatternGroups,
  findStrayMemberships,
  holdSignInAddresses,
  joinByPattern,
  leaveByPattern,
  readAddresses,
  readPatternMembers,
} from '../../src/directory/groups/store/patterns.ts';
import { findRoleEffects } from '../../src/directory/groups/store/role-effects.ts';
import type { GroupId, OrgId, UserId } from '../../src/directory/ids.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { createDatabase } from '../support/database.ts';
import { findPostgres15, startInstalledPostgres } from '../support/installed-postgres.ts';
import { PlanReader, type Reading, statementsOf } from '../support/plans.ts';
import { runSql } from '../support/postgres.ts';

/** Patterns are settled in organizations of a million people, also before Postgres has statistics of them. */
const USERS = 20_000;
const DOMAINS = 200;
const org = '019a0000-0000-7000-8000-000000000001' as OrgId;
const userId = (number: number) => `019a0000-0000-7000-8001-${String(number).padStart(12, '0')}` as UserId;
const groupId = (number: number) => `019a0000-0000-7000-8002-${String(number).padStart(12, '0')}` as GroupId;
/** Has 100 people by its pattern; `everyone` has all by SCIM. */
const [byPattern, everyone] = [groupId(1), groupId(0)];
const pattern = '*@d7.example';
const [inside, outside] = [userId(7), userId(8)];
const named = { counted: 10_000, named: 100 };
const at = '2026-11-24T00:00:00Z';

interface Case {
  readonly name: string;
  readonly run: (on: Database) => Promise<unknown>;
  readonly rows: number;
  readonly blocks: number;
}

const addresses = (of: string, after: string) => (on: Database) =>
  readAddresses(on, org, of, rangeOfPattern(of), after, 50);

const cases: readonly Case[] = [
  {
    name: 'a domain: the first 50 addresses',
    run: addresses(pattern, ''),
    rows: 50,
    blocks: 120,
  },
  {
    name: 'a domain: the next 50 addresses',
    run: addresses(pattern, 'elpmaxe.7d@705u'),
    rows: 50,
    blocks: 120,
  },
  { name: 'a beginning: 50 addresses', run: addresses('u100*@d*', ''), rows: 50, blocks: 120 },
  { name: 'neither: 50 addresses, whoever they are', run: addresses('*@d*', ''), rows: 50, blocks: 120 },
  {
    name: 'the members of a large group, a thousand at a time',
    run: (on) => readPatternMembers(on, org, everyone, userId(10_000), 1_000),
    rows: 1_010,
    blocks: 400,
  },
  {
    name: 'two users who are held',
    run: (on) => holdSignInAddresses(on, org, [inside, outside]),
    rows: 4,
    blocks: 40,
  },
  {
    name: 'two users who join',
    run: (on) => joinByPattern(on, org, [inside, outside], undefined, at),
    rows: 220,
    blocks: 250,
  },
  {
    name: 'two users who may have to leave',
    run: (on) => findStrayMemberships(on, org, [inside, outside], { only: undefined, deleted: false }),
    rows: 20,
    blocks: 60,
  },
  {
    name: 'a user who leaves',
    run: (on) => leaveByPattern(on, org, [{ group: byPattern, user: inside }], at),
    rows: 20,
    blocks: 120,
  },
  { name: 'the groups that have a pattern', run: (on) => findPatternGroups(on, org), rows: 110, blocks: 60 },
  { name: 'the organizations to look at', run: (on) => findOrganizationsToFollow(on), rows: 110, blocks: 60 },
  {
    name: 'those who would join by a domain',
    run: (on) => findJoining(on, org, everyone, pattern, rangeOfPattern(pattern), named),
    rows: 110,
    blocks: 1_500,
  },
  {
    name: 'the roles of those who would join',
    run: (on) =>
      findRoleEffects(
        on,
        org,
        everyone,
        { from: 'train', to: 'train', joining: [inside, outside], leaving: [userId(9)] },
        at,
        100,
      ),
    rows: 20,
    blocks: 120,
  },
];

const load = `
  set session_replication_role = replica;
  insert into organizations (id, name, created_at, settings) values ('${org}', 'Plans', now(), '{}');
  insert into users (org_id, id, user_name, user_name_key, email, email_key, display_name_key, status, role, source,
    created_at, updated_at, profile)
  select '${org}', ('019a0000-0000-7000-8001-' || lpad(n::text, 12, '0'))::uuid, name, name, name, name, name, 'active',
    'readonly', 'scim', now(), now(), '{}'
  from generate_series(0, ${USERS - 1}) n cross join lateral (select 'u' || n || '@d' || n % ${DOMAINS} || '.example') as named (name);
  insert into groups (org_id, id, display_name, display_name_key, source, created_at, updated_at, profile, auto_assign_pattern)
  select '${org}', ('019a0000-0000-7000-8002-' || lpad(n::text, 12, '0'))::uuid, 'g' || n, 'g' || n, 'manual', now(), now(),
    '{}', case when n between 1 and 100 then '*@d' || n + 6 || '.example' end from generate_series(0, 4999) n;
  insert into group_members select '${org}', '${everyone}', id, now() from users order by id;
  insert into group_members (org_id, group_id, user_id, added_at, sources)
  select '${org}', '${byPattern}', id, now(), '{pattern}' from users where email_key like '%@d7.example';
  insert into events (org_id, id, at, action, outcome, actor_type, actor_id, via, target_type, target_id)
  select org_id, gen_random_uuid(), now(), 'user.created', 'success', 'system', 'cli', 'cli', 'user', id from users;
  insert into event_cursors select '${org}', 'patterns', feed_position, id from events order by feed_position, id
    offset ${USERS / 2} limit 1;`;

const states = ['fresh', 'analysed'].flatMap((state) =>
  (['custom', 'generic'] as const).map((plans) => ({ state, plans, key: `${state}, ${plans} plans` })),
);

/** @param start gives a migrated, empty database */
function plansOn(server: string, start: () => Promise<{ url: string; stop(): Promise<void> }>): void {
  describe(`on ${server}`, () => {
    const readings = new Map<string, Reading>();
    let stop = async () => {};

    beforeAll(async () => {
      const database = await start();
      ({ stop } = database);
      await runSql(database.url, load);
      for (const { state, plans, key } of states) {
        if (state === 'analysed' && plans === 'custom') await runSql(database.url, 'analyze');
        const reader = await PlanReader.connect(database.url, plans);
        for (const { name, run } of cases) {
          const statement = (await statementsOf(run)).at(-1);
          if (statement === undefined) throw new Error(`Nothing was sent: ${name}.`);
          readings.set(`${key}: ${name}`, await reader.read(statement));
        }
        await reader.close();
      }
    }, 180_000);
    afterAll(() => stop());

    test.each(cases.flatMap((each) => states.map(({ key }) => ({ ...each, key }))))(
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

describe('what settling patterns reads, in an organization of 20,000 people', () => {
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
