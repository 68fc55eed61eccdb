import pg from 'pg';
import { createOrganization } from '../src/directory/organizations/create.ts';
import { fillTerms } from '../src/directory/search/store/fill-terms.ts';
import { ensurePartitions } from '../src/maintenance/partitions.ts';
import { openDatabase } from '../src/platform/db/database.ts';
import {
  DISPLAY_NAME,
  EMAIL,
  EXTERNAL_ID,
  firstCandidate,
  groupIdSql,
  groupsOfSize,
  NUMBER,
  type Population,
  PROFILE,
  USER_NAME,
  userIdSql,
} from './population.ts';

/** An organization that is there, and how to speak as its connection. */
export interface SeededOrganization {
  readonly org: string;
  readonly connection: string;
  readonly token: string;
}

const BATCH = 20_000;
const TOKEN = 'rollcall_bench_0123456789_0123456789_0123456789';

/**
 * Makes an organization by the directory's own command, then its people and groups by SQL, has the terms of people
 * indexed, which would otherwise be a job of the server that is measured, and lets Postgres learn the statistics.
 * @param onProgress gets the part that is done, 0 to 1
 */
export async function seedOrganization(
  databaseUrl: string,
  population: Population,
  onProgress: (done: number) => void,
): Promise<SeededOrganization> {
  const seeded = await makeOrganization(databaseUrl, population);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { org, connection } = seeded;
    for (let from = 0; from < population.users; from += BATCH) {
      const to = Math.min(from + BATCH, population.users);
      await client.query(insertUsers, [org, connection, from, to - 1, PROFILE]);
      onProgress((to / population.users) * 0.5);
    }
    await client.query(addToTotal, [org, 'users', population.users]);
    for (const size of population.groupSizes) {
      const groups = groupsOfSize(size);
      await client.query(insertGroups, [org, connection, size, groups]);
      await client.query(insertMembers, [org, size, groups, firstCandidate(population)]);
      await client.query(insertGroupCounters, [org, size, groups]);
      await client.query(addToTotal, [org, 'groups', groups]);
    }
    onProgress(0.55);
    await indexTerms(databaseUrl);
    onProgress(0.95);
    await client.query('vacuum (analyze)');
    await client.query('checkpoint').catch(() => undefined);
    onProgress(1);
    return seeded;
  } finally {
    await client.end();
  }
}

async function indexTerms(databaseUrl: string): Promise<void> {
  const db = openDatabase({ url: databaseUrl, connections: 8 });
  try {
    await fillTerms(db, new AbortController().signal);
  } finally {
    await db.close();
  }
}

async function makeOrganization(databaseUrl: string, { users }: Population): Promise<SeededOrganization> {
  const db = openDatabase({ url: databaseUrl, connections: 8 });
  try {
    await ensurePartitions(db, new Date());
    const { org, connection } = await createOrganization(
      { db, now: () => new Date() },
      { actor: { type: 'system', id: 'cli', via: 'cli' }, requestId: 'bench' },
      {
        name: `Bench of ${users}`,
        ownerEmail: 'owner@bench.example',
        ownerPassword: 'nobody signs in here',
        connectionName: 'Bench',
        strict: false,
        scimToken: TOKEN,
      },
    );
    return { org, connection, token: TOKEN };
  } finally {
    await db.close();
  }
}

const filled = (text: string) => `replace('${text}', '${NUMBER}', d)`;

const insertUsers = `with n as (
    select n, lpad(n::text, ${NUMBER.length}, '0') as d from generate_series($3::int, $4::int) as n
  ), u as (
    insert into users (org_id, id, user_name, user_name_key, email, email_key, display_name_key, status, role,
      source, created_at, updated_at, profile)
    select $1::uuid, ${userIdSql('n')}, ${filled(USER_NAME)}, ${filled(USER_NAME)}, ${filled(EMAIL)}, ${filled(EMAIL)},
      ${filled(DISPLAY_NAME.toLowerCase())}, 'active', 'readonly', 'scim', now(), now(), replace($5::text, '${NUMBER}', d)::jsonb
    from n
  ), l as (
    insert into user_links (org_id, user_id, connection_id, external_id)
    select $1::uuid, ${userIdSql('n')}, $2::uuid, ${filled(EXTERNAL_ID)} from n
  )
  insert into user_email_keys (org_id, email_key, user_id) select $1::uuid, ${filled(EMAIL)}, ${userIdSql('n')} from n`;

const insertGroups = `with n as (
    select ${groupIdSql('$3::int', 'n')} as id, format('Group of %s no. %s', $3::int, n) as name
    from generate_series(0, $4::int - 1) as n
  ), g as (
    insert into groups (org_id, id, display_name, display_name_key, created_at, updated_at, profile)
    select $1::uuid, id, name, lower(name), now(), now(), '{}' from n
  )
  insert into group_links (org_id, group_id, connection_id, external_id) select $1::uuid, id, $2::uuid, name from n`;

/**
 * The groups of a size share the first users among them. All at one moment in the past: whoever was added later
 * is taken out again between two slices.
 */
const insertMembers = `insert into group_members (org_id, group_id, user_id, added_at)
  select $1::uuid, ${groupIdSql('$2::int', 'g')}, ${userIdSql('((g * $2::int + u) % $4::int)')}, '2020-01-01T00:00:00Z'
  from generate_series(0, $3::int - 1) as g, generate_series(0, $2::int - 1) as u`;

/** A group whose members came one by one has a row in every slot of its counter. */
const insertGroupCounters = `insert into counters (org_id, name, subject_id, slot, value, changed_at)
  select $1::uuid, 'group', ${groupIdSql('$2::int', 'g')}, slot, 1, now()
  from generate_series(0, $3::int - 1) as g, generate_series(0, 15) as slot`;

const addToTotal = `insert into counters (org_id, name, subject_id, slot, value, changed_at)
  values ($1::uuid, $2, $1::uuid, 0, $3::bigint, now())
  on conflict (org_id, name, subject_id, slot) do update set value = counters.value + excluded.value`;
