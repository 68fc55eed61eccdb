import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import pino from 'pino';
import { insertApiKey } from '../src/access/api-keys/store.ts';
import type { OrgId, UserId } from '../src/directory/ids.ts';
import type { Database } from '../src/platform/db/database.ts';
import { migrate } from '../src/platform/db/migrate.ts';
import { hashToken, makeToken } from '../src/platform/opaque-token.ts';
import { serve } from '../src/serve.ts';
import { startPostgres } from './postgres.ts';
import { seedOrganization } from './seed.ts';

/**
 * How many activity events a second one organization can report, and how long a dashboard, a log and a chart take where
 * there are many: `npm run bench:activity [events]`. Over HTTP; client, server and Postgres share the machine.
 */

const EVENTS = Number(process.argv[2] ?? 1_000_000);
const USERS = 5_000;
const SECONDS = 15;
const BATCH = 500;
const SENDERS = 4;
const ROUNDS = 40;

/** Events of 90 days, of random users; figures are summed up from them as batches do. */
const SEED = `insert into activity_events (org_id, id, at, user_id, type, agent, resource, response_ms)
  select $1, gen_random_uuid(), now() - random() * interval '89 days', ($2::uuid[])[1 + floor(random() * cardinality($2::uuid[]))],
    case when random() < 0.9 then 'query' else 'resource_access' end, 'Agent ' || floor(random() * 20),
    case when random() < 0.1 then 'Resource ' || floor(random() * 200) end, (random() * 4000)::int
  from generate_series(1, $3::int)`;
const figures = `count(*), count(*) filter (where type = 'query'), sum(response_ms), count(response_ms)
  from activity_events`;
const HOURS = [
  `insert into activity_user_hours select org_id, user_id, date_trunc('hour', at, 'UTC'), coalesce(agent, ''), ${figures} group by 1, 2, 3, 4`,
  `insert into activity_agent_hours select org_id, date_trunc('hour', at, 'UTC'), coalesce(agent, ''), ${figures} group by 1, 2, 3`,
  `insert into activity_resource_hours select org_id, date_trunc('hour', at, 'UTC'), resource, ${figures} where resource is not null group by 1, 2, 3`,
];

const postgres = await startPostgres(process.env['BENCH_DATABASE_URL']);
try {
  const url = await postgres.createDatabase('activity');
  await migrate(url);
  const seeded = await seedOrganization(url, { users: USERS, groupSizes: [10] }, () => {});
  const org = seeded.org as OrgId;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ id: UserId; owner: boolean }>(
    'select id, owner from users where org_id = $1',
    [org],
  );
  const users = rows.filter(({ owner }) => !owner).map(({ id }) => id);
  const owner = rows.find((row) => row.owner)?.id as UserId;
  process.stderr.write(`making ${EVENTS.toLocaleString('en')} events\n`);
  await client.query(SEED, [org, users, EVENTS]);
  for (const text of HOURS) await client.query(text);
  await client.query('vacuum (analyze)');
  await client.end();

  const { rollcall, server } = await serve({
    host: '127.0.0.1',
    port: 0,
    databaseUrl: url,
    log: pino({ level: 'silent' }),
    secretKey: randomBytes(32),
    mail: { smtpUrl: undefined, folder: '/nowhere', from: 'bench@example.com' },
  });
  const base = `http://127.0.0.1:${server.port}/api/v1`;
  const token = makeToken('key');
  await insertApiKey(
    rollcall.db,
    org,
    {
      id: randomUUID(),
      holder: { user: owner },
      name: 'Bench',
      hash: hashToken(token),
      scopes: ['activity:report', 'activity:read'],
      expiresAt: undefined,
    },
    new Date().toISOString(),
  );
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };

  const any = <Item>(of: readonly Item[]): Item => of[Math.floor(Math.random() * of.length)] as Item;
  const makeBatch = () =>
    JSON.stringify({
      events: Array.from({ length: BATCH }, () => ({
        id: randomUUID(),
        type: 'query',
        at: new Date(Date.now() - Math.random() * 60_000).toISOString(),
        userId: any(users),
        agent: `Agent ${Math.floor(Math.random() * 20)}`,
        responseMs: Math.floor(Math.random() * 4_000),
      })),
    });
  let accepted = 0;
  const waits: number[] = [];
  const processorBefore = { own: process.cpuUsage(), postgres: await postgresSeconds(rollcall.db) };
  const end = performance.now() + SECONDS * 1_000;
  const started = performance.now();
  const send = async () => {
    while (performance.now() < end) {
      const body = makeBatch();
      const began = performance.now();
      const answer = await fetch(`${base}/activity/events`, { method: 'POST', headers, body });
      const text = await answer.text();
      if (answer.status !== 202) throw new Error(`A batch: ${answer.status} ${text}`);
      accepted += (JSON.parse(text) as { accepted: number }).accepted;
      waits.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  const rate = accepted / ((performance.now() - started) / 1_000);
  const [median, slowest] = spread(waits);
  const own = process.cpuUsage(processorBefore.own);
  const inPostgres =
    ((await postgresSeconds(rollcall.db)) ?? Number.NaN) - (processorBefore.postgres ?? Number.NaN);
  const perThousand = ((own.user + own.system) / 1_000 + inPostgres * 1_000) / (accepted / 1_000);
  process.stdout.write(
    `\n${Math.round(rate).toLocaleString('en')} events a second in batches of ${BATCH} from ${SENDERS} senders; a batch takes ${median} ms, the slowest ${slowest} ms\n${perThousand.toFixed(0)} ms of processor time for 1,000 events, client and Postgres included\n\n`,
  );

  process.stdout.write(
    `${(EVENTS + accepted).toLocaleString('en')} events of ${USERS.toLocaleString('en')} users\n\n| question | median ms | slowest ms |\n|---|---:|---:|\n`,
  );
  const questions: readonly (readonly [string, () => string])[] = [
    ['dashboard of a user', () => `/users/${any(users)}/activity/summary`],
    ['log of a user', () => `/users/${any(users)}/activity`],
    ['chart of a user, 30 days', () => `/users/${any(users)}/activity/series?bucket=day`],
    ['log of the organization', () => '/activity'],
    ['chart of the organization, 30 days', () => '/activity/series?bucket=day'],
    ['top agents, 7 days', () => '/activity/top'],
    ['top users, 7 days', () => '/activity/top?by=user'],
  ];
  for (const [title, path] of questions) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = performance.now();
      const answer = await fetch(`${base}${path()}`, { headers });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${title}: ${answer.status} ${text}`);
      times.push(performance.now() - began);
    }
    process.stdout.write(`| ${title} | ${spread(times).join(' | ')} |\n`);
  }
  await server.close({ lingerMs: 0, graceMs: 0 });
  await rollcall.close();
} finally {
  await postgres.stop();
}

/** Seconds of processor time that the backends of this Postgres have used; undefined where the system does not say. */
async function postgresSeconds(db: { search: Database['search'] }): Promise<number | undefined> {
  const [row] = await db.search<{ pid: number }>('select pg_backend_pid() as pid', []);
  const fieldsOf = (pid: string) =>
    readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  try {
    const parent = fieldsOf(String(row?.pid))[1];
    const ticks = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          const fields = fieldsOf(pid);
          return fields[1] === parent ? Number(fields[11]) + Number(fields[12]) : 0;
        } catch {
          return 0;
        }
      });
    return ticks.reduce((sum, each) => sum + each, 0) / 100;
  } catch {
    return undefined;
  }
}

/** The median and the largest. */
function spread(times: readonly number[]): [string, string] {
  const sorted = times.toSorted((left, right) => left - right);
  return [(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(1), (sorted.at(-1) ?? 0).toFixed(1)];
}
