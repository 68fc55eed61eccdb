import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import pino from 'pino';
import { Registry } from 'prom-client';
import { type Database, openDatabase } from '../../src/platform/db/database.ts';
import { DatabaseUnavailable } from '../../src/platform/db/unavailable.ts';
import { uuidv7 } from '../../src/platform/ids.ts';
import type { AnsweredRequest } from '../../src/provisioning/log/entry.ts';
import { createMasker } from '../../src/provisioning/log/rules/mask.ts';
import { createLogWriter } from '../../src/provisioning/log/writer.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startServerUnderTest } from '../support/server-under-test.ts';

const org = uuidv7();
const connection = uuidv7();
const log = pino({ level: 'silent' });
const masker = createMasker([]);

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createDatabase();
  db = openDatabase({ url: database.url, connections: 8 });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const answered = (body = ''): AnsweredRequest => ({
  id: uuidv7(),
  org: org as AnsweredRequest['org'],
  connection: connection as AnsweredRequest['connection'],
  method: 'POST',
  path: '/Users',
  query: undefined,
  status: 201,
  ms: 1.5,
  userAgent: 'a "client" \\ {1,2}\t\\N\\.\r\n',
  ifMatch: undefined,
  token: undefined,
  ignored: ['a "b", {c}', '', 'tab\tand\nline\\n'],
  notes: [],
  exchange: { sent: Buffer.from(body) },
});

const count = async () =>
  (await db.search<{ count: number }>('select count(*) from scim_requests where org_id = $1', [org]))[0]
    ?.count;

async function metricsOf(metrics: Registry): Promise<string> {
  return (await metrics.metrics())
    .split('\n')
    .filter((line) => line.startsWith('rollcall_scim_log'))
    .join('\n');
}

test('rows with any characters are written in batches and read as they were', async () => {
  const writer = createLogWriter({ db, log, metrics: new Registry(), masker });
  const before = (await count()) as number;
  for (let row = 0; row < 1_201; row += 1) writer.add(answered(`\ud800 "x" \\ ${row}`));
  await writer.flush();
  expect(await count()).toBe(before + 1_201);
  const [row] = await db.search('select user_agent, ignored from scim_requests where org_id = $1 limit 1', [
    org,
  ]);
  const { userAgent, ignored } = answered();
  expect(row).toEqual({ user_agent: userAgent, ignored });
});

test('rows whose answer was lost are sent again and are there once', async () => {
  let answersLost = 1;
  const losing: Database = {
    ...db,
    copy: async (...given) => {
      await db.copy(...given);
      if (answersLost > 0) throw new DatabaseUnavailable('unreachable', new Error(`lost ${answersLost--}`));
    },
  };
  const metrics = new Registry();
  const writer = createLogWriter({ db: losing, log, metrics, masker });
  const before = (await count()) as number;
  for (let row = 0; row < 700; row += 1) writer.add(answered());
  await writer.flush();
  expect(await metricsOf(metrics)).toContain('rollcall_scim_log_waiting 700');
  writer.add(answered());
  await writer.flush();
  expect(await count()).toBe(before + 701);
  expect(await metricsOf(metrics)).toContain('result="written"} 701');
  expect(await metricsOf(metrics)).toContain('rollcall_scim_log_waiting 0');
});

test('while the database is away the memory is bounded, and what is dropped is counted', async () => {
  const away = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', connections: 8 });
  const metrics = new Registry();
  const writer = createLogWriter({ db: away, log, metrics, masker });
  const body = JSON.stringify({ title: 'x'.repeat(15_000) });
  for (let row = 0; row < 3_000; row += 1) writer.add(answered(body));
  await writer.flush();
  const said = await metricsOf(metrics);
  const [waiting, dropped] = [/waiting (\d+)/, /result="dropped"} (\d+)/].map((line) =>
    Number(line.exec(said)?.[1]),
  );
  expect(waiting).toBeLessThan(1_100);
  expect((waiting as number) + (dropped as number)).toBe(3_000);
  const started = performance.now();
  await writer.close();
  expect(performance.now() - started).toBeLessThan(3_000);
  await away.close();
}, 30_000);

test('a lock on the table delays the log and no row is lost', async () => {
  const writer = createLogWriter({ db, log, metrics: new Registry(), masker });
  const before = (await count()) as number;
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('begin; lock table scim_requests in access exclusive mode');
  writer.add(answered());
  const flushing = writer.flush();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await holder.query('commit');
  await holder.end();
  await flushing;
  await writer.close();
  expect(await count()).toBe(before + 1);
}, 30_000);

test('what a killed process acknowledged is in the audit trail, whatever its log lost', async () => {
  const server = await startServerUnderTest({ RATE_LIMIT_CONNECTION: '0', RATE_LIMIT_ORGANIZATION: '0' });
  const acknowledged: string[] = [];
  try {
    for (let user = 0; user < 20; user += 1) {
      const answer = await fetch(`${server.base}/scim/v2/Users`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/scim+json' },
        body: JSON.stringify({
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
          userName: `killed-${user}@rollcall.example`,
        }),
      });
      expect(answer.status).toBe(201);
      acknowledged.push(answer.headers.get('x-request-id') as string);
    }
    process.kill(server.process.pid, 'SIGKILL');
    await server.process.exited;
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    const { rows } = await client.query<{ request_id: string }>(
      `select request_id from events where action = 'user.created' and request_id = any($1)`,
      [acknowledged],
    );
    const lost = await client.query('select count(*)::int as kept from scim_requests');
    await client.end();
    expect(rows.map(({ request_id: id }) => id).sort()).toEqual([...acknowledged].sort());
    expect((lost.rows[0] as { kept: number }).kept).toBeLessThanOrEqual(20);
  } finally {
    await server.stop().catch(() => undefined);
  }
}, 120_000);

test('a log that is turned off collects nothing', async () => {
  const metrics = new Registry();
  const writer = createLogWriter({ db, log, metrics, masker, enabled: false });
  const before = await count();
  writer.add(answered());
  expect(await metricsOf(metrics)).toContain('rollcall_scim_log_waiting 0');
  await writer.flush();
  expect(await count()).toBe(before);
});
