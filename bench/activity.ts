import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pg from 'pg';
import pino from 'pino';
import { insertApiKey } from '../src/access/api-keys/store.ts';
import type { OrgId, UserId } from '../src/directory/ids.ts';
import { DEFAULT_RETENTION } from '../src/maintenance/retention.ts';
import type { Database } from '../src/platform/db/database.ts';
import { migrate } from '../src/platform/db/migrate.ts';
import { hashToken, makeToken } from '../src/platform/opaque-token.ts';
import { DAY_MS } from '../src/platform/time.ts';
import { serve } from '../src/serve.ts';
import { AGENTS, fillActivity, RARE_TYPE, requireSpace } from './activity-data.ts';
import { startPostgres } from './postgres.ts';
import { createProgress } from './progress.ts';
import { seedOrganization } from './seed.ts';

/**
 * How many activity events a second one organization can report, and how long dashboards, logs and charts take where
 * there are many: `npm run bench:activity -- [options]`. Over HTTP; client, server and Postgres share the machine.
 */

const USAGE = `npm run bench:activity -- [options]

  --events N   events that are there before (1,000,000); 100000000 takes some 40 GB and half an hour
  --days N     of so many days (183)
  --help

  BENCH_DATABASE_URL   a Postgres to measure on, in a database that is made for it and dropped: as a superuser;
                       without it, one is started for the run`;

const USERS = 5_000;
const SECONDS = 15;
const BATCH = 500;
const SENDERS = 4;
const ROUNDS = 40;

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '183' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  process.stdout.write(`${USAGE}\n`);
  process.exit();
}
const [EVENTS, DAYS] = [options.events, options.days].map((text) => {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new TypeError(`--events and --days must be whole numbers above 0, not ${text}.`);
}) as [number, number];
if (process.env['BENCH_DATABASE_URL'] === undefined) await requireSpace(EVENTS);

const progress = createProgress(process.stderr);
// Filling is not logged where it need not be; what is measured afterwards is, and waits for the disk.
const postgres = await startPostgres(process.env['BENCH_DATABASE_URL'], {
  wal_level: 'minimal',
  max_wal_senders: '0',
});
try {
  const url = await postgres.createDatabase('activity');
  await migrate(url);
  const seeded = await seedOrganization(url, { users: USERS, groupSizes: [10] }, () => {});
  const org = seeded.org as OrgId;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ id: UserId; owner: boolean }>(
    'select id, owner from users where org_id = $1 order by id',
    [org],
  );
  await client.end();
  const users = rows.filter(({ owner }) => !owner).map(({ id }) => id);
  const owner = rows.find((row) => row.owner)?.id as UserId;
  const [busiest, ordinary] = [users[0], users[USERS / 2]] as [UserId, UserId];
  const filling = performance.now();
  const size = await fillActivity(
    url,
    { org, users, events: EVENTS, days: DAYS, now: new Date() },
    (done, month) => progress.show(done, `making ${EVENTS.toLocaleString('en')} events: ${month}`),
  );
  progress.clear();
  process.stdout.write(
    `${EVENTS.toLocaleString('en')} events of ${USERS.toLocaleString('en')} users in ${DAYS} days, made in ${minutesSince(filling)} minutes: ${gigabytes(size.events)} GB of events and ${gigabytes(size.hours)} GB of hours, with indexes; ${Math.round((size.events + size.hours) / EVENTS)} bytes an event\n`,
  );

  const { rollcall, server } = await serve({
    host: '127.0.0.1',
    port: 0,
    databaseUrl: url,
    log: pino({ level: 'silent' }),
    secretKey: randomBytes(32),
    mail: { smtpUrl: undefined, folder: '/nowhere', from: 'bench@example.com' },
    retention: { ...DEFAULT_RETENTION, activityDays: DAYS + 31 },
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
        agent: `Agent ${Math.floor(Math.random() * AGENTS)}`,
        responseMs: Math.floor(Math.random() * 4_000),
      })),
    });
  let accepted = 0;
  const waits: number[] = [];
  const processorBefore = { own: process.cpuUsage(), postgres: await postgresSeconds(rollcall.db) };
  const end = performance.now() + SECONDS * 1_000;
  const started = performance.now();
  const sendBatch = async () => {
    const body = makeBatch();
    const began = performance.now();
    const answer = await fetch(`${base}/activity/events`, { method: 'POST', headers, body });
    const text = await answer.text();
    if (answer.status !== 202) throw new Error(`A batch: ${answer.status} ${text}`);
    accepted += (JSON.parse(text) as { accepted: number }).accepted;
    return performance.now() - began;
  };
  const send = async () => {
    while (performance.now() < end) waits.push(await sendBatch());
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

  const read = async (path: string): Promise<string> => {
    const answer = await fetch(`${base}${path}`, { headers });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`);
    return text;
  };
  /** How long it takes until the first entries of an export come. */
  const exportBegins = async (query: string): Promise<void> => {
    const answer = await fetch(`${base}/activity/export${query}`, { headers });
    if (answer.status !== 200 || answer.body === null) throw new Error(`An export: ${answer.status}`);
    const reader = answer.body.getReader();
    await reader.read();
    await reader.cancel();
  };
  const days = (number: number) => new Date(Date.now() - number * DAY_MS).toISOString();
  const of = (user: UserId, rest: string) => `/users/${user}/activity${rest}`;
  const longAgo = `from=${days(DAYS - 20)}&to=${days(DAYS - 27)}`;
  const wholeSpan = `bucket=day&from=${days(Math.min(DAYS, 400))}`;
  const { nextCursor } = JSON.parse(await read('/activity?limit=200')) as { nextCursor: string };
  const questions: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['dashboard of any user', () => read(of(any(users), '/summary'))],
    ['dashboard of any user, 30 days', () => read(of(any(users), '/summary?window=30d'))],
    ['dashboard of an ordinary user, 30 days', () => read(of(ordinary, '/summary?window=30d'))],
    ['dashboard of the busiest user, 30 days', () => read(of(busiest, '/summary?window=30d'))],
    ['log of any user', () => read(of(any(users), ''))],
    ['log of the busiest user', () => read(of(busiest, ''))],
    ['log of any user, a week long ago', () => read(of(any(users), `?${longAgo}`))],
    ['log of any user, a rare type', () => read(of(any(users), `?type=${RARE_TYPE}`))],
    ['log of the busiest user, a rare type', () => read(of(busiest, `?type=${RARE_TYPE}`))],
    ['chart of any user, 30 days', () => read(of(any(users), '/series?bucket=day'))],
    ['chart of the busiest user, 30 days', () => read(of(busiest, '/series?bucket=day'))],
    ['chart of the busiest user by the hour, 30 days', () => read(of(busiest, `/series?from=${days(30)}`))],
    ['chart of any user, all days', () => read(of(any(users), `/series?${wholeSpan}`))],
    ['log of the organization', () => read('/activity')],
    ['its next page', () => read(`/activity?limit=200&cursor=${nextCursor}`)],
    ['a week long ago', () => read(`/activity?${longAgo}`)],
    ['a rare type', () => read(`/activity?type=${RARE_TYPE}`)],
    ['a type that is not there', () => read('/activity?type=not_there')],
    ['20 users', () => read(`/activity?${Array.from({ length: 20 }, () => `user=${any(users)}`).join('&')}`)],
    ['what applications reported', () => read('/activity?source=application')],
    ['an export begins', () => exportBegins('')],
    ['an export of a week long ago begins', () => exportBegins(`?format=csv&${longAgo}`)],
    ['chart of the organization by the hour, a day', () => read('/activity/series')],
    ['chart of the organization, 30 days', () => read('/activity/series?bucket=day')],
    ['chart of the organization, all days', () => read(`/activity/series?${wholeSpan}`)],
    ['top agents, 7 days', () => read('/activity/top')],
    ['top agents, 30 days', () => read(`/activity/top?from=${days(30)}`)],
    ['top users, 7 days', () => read('/activity/top?by=user')],
    ['top users, 30 days', () => read(`/activity/top?by=user&from=${days(30)}`)],
    ['top resources, 7 days', () => read('/activity/top?by=resource')],
    ['top resources, 30 days', () => read(`/activity/top?by=resource&from=${days(30)}`)],
    [`a batch of ${BATCH} from one sender`, sendBatch],
  ];
  process.stdout.write(
    `${(EVENTS + accepted).toLocaleString('en')} events, ${ROUNDS} requests each\n\n| question | median ms | slowest ms |\n|---|---:|---:|\n`,
  );
  for (const [title, ask] of questions) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = performance.now();
      await ask();
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

function minutesSince(start: number): string {
  return ((performance.now() - start) / 60_000).toFixed(1);
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}

/** The median and the largest. */
function spread(times: readonly number[]): [string, string] {
  const sorted = times.toSorted((left, right) => left - right);
  return [(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(1), (sorted.at(-1) ?? 0).toFixed(1)];
}
