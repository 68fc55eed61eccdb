import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import request from 'supertest';
import { serve } from '../../src/serve.ts';
import { signInAsOwner, withKey } from '../support/admin.ts';
import { runSql } from '../support/postgres.ts';
import { type Json, startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let other: TestOrganization;
let lines: Json[] = [];

const log = pino(
  { level: 'info' },
  new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(JSON.parse(String(chunk)) as Json);
      done();
    },
  }),
);

beforeAll(async () => {
  rollcall = await startRollcall({
    log,
    limits: { perConnection: 2, perOrganization: 4, invalidPerAddress: 1 },
  });
  organization = await rollcall.organization();
  other = await rollcall.organization();
});
afterAll(() => rollcall.close());

describe('A connection that sends more than it may', () => {
  test('gets 429 with whole seconds, and leaves other organizations alone', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => organization.scim('GET', '/Users')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(9);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(10);
    expect(refused[0]?.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(refused[0]?.body).toMatchObject({
      status: '429',
      detail: expect.stringContaining('try again in'),
    });
    await other.scim('GET', '/Users').expect(200);
  });
});

describe('An administrator who sends more than an organization may', () => {
  test('gets 429 with whole seconds over REST, too', async () => {
    const owner = await signInAsOwner(rollcall, await rollcall.organization());
    const answers = await Promise.all(Array.from({ length: 30 }, () => owner.get('/me')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(refused[0]?.headers['retry-after']).toMatch(/^[1-9]\d*$/);
  });
});

describe('A token that is not valid', () => {
  test('is 401 at first and 429 when it comes again and again; a valid one is served all the while', async () => {
    const wrong = () =>
      request(rollcall.server).get('/scim/v2/Users').set('Authorization', 'Bearer wrong').buffer(true);
    const statuses = (await Promise.all(Array.from({ length: 80 }, wrong))).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(60);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await other.scim('GET', '/Users').expect(200);
  });
});

test('A wrong API key that comes again and again is 401 at first and 429 then', async () => {
  const wrong = () => withKey(rollcall.server, 'rollcall_key_wrong').get('/me');
  const statuses = (await Promise.all(Array.from({ length: 80 }, wrong))).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
});

test('An answer of SCIM is kept by no cache', async () => {
  const { headers } = await other.scim('GET', '/Users').expect(200);
  expect([headers['cache-control'], headers['x-content-type-options']]).toEqual(['no-store', 'nosniff']);
});

describe('The log', () => {
  test('names organization and connection of a request', async () => {
    lines = [];
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await other.scim('GET', '/Users').expect(200);
    expect(lines.find(({ msg }) => msg === 'request')).toMatchObject({
      organization: other.org,
      connection: other.connection,
      status: 200,
    });
  });

  test('has the cause of a 503, and nothing personal', async () => {
    const { rollcall: away, server: http } = await serve({
      host: '127.0.0.1',
      port: 0,
      databaseUrl: 'postgres://someone:secret-word@127.0.0.1:1/none',
      log,
      secretKey: Buffer.alloc(32),
      mail: { smtpUrl: undefined, folder: '/nowhere', from: 'a@b.example' },
    });
    lines = [];
    for (const path of ['/scim/v2/Users', '/api/v1/users', '/sign-in']) {
      await request(http.server)
        .get(path)
        .set({ Authorization: 'Bearer rollcall_some_token', Cookie: 'sid=some-session' })
        .buffer(true);
    }
    const failures = lines.filter(({ level }) => level === 40);
    expect(failures.length).toBeGreaterThanOrEqual(2);
    expect(failures[0]).toMatchObject({
      status: 503,
      path: '/scim/v2/Users',
      database: { reason: 'unreachable', code: 'ECONNREFUSED' },
    });
    expect(JSON.stringify(lines)).not.toMatch(/secret-word|some_token|some-session/);
    await http.close({ lingerMs: 0, graceMs: 0 });
    await away.close();
  });

  test('names a statement that took long, and whose it was', async () => {
    lines = [];
    await rollcall.rollcall.db.search('select $1::text, pg_sleep(1.05)', [organization.org]);
    expect(lines.find(({ msg }) => msg === 'slow statement')).toMatchObject({
      statement: 'search',
      organization: organization.org,
    });
  });
});

test('The metrics tell requests by route and organization, connections, version and the state of the database', async () => {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await other.scim('GET', '/Users?filter=userName%20eq%20%22a%22').expect(200);
  await other.scim('GET', '/Users/019a0000-0000-7000-8000-000000000001').expect(404);
  const { text } = await request(rollcall.server).get('/metrics').expect(200);
  for (const pattern of [
    /rollcall_http_request_seconds_count\{method="GET",route="\/scim\/v2\/users",status="200"\} \d+/,
    /rollcall_http_request_seconds_count\{method="GET",route="\/scim\/v2\/users\/:id",status="404"\} 1/,
    new RegExp(`rollcall_organization_requests_total\\{organization="${other.org}"\\} \\d+`),
    /rollcall_database_connections\{kind="transactions",state="size"\} 4/,
    /rollcall_database_state\{state="writable"\} 1/,
    /rollcall_info\{version="\d+\.\d+\.\d+",node="v\d+/,
  ]) {
    expect(text).toMatch(pattern);
  }
  await runSql(
    rollcall.databaseUrl,
    `alter database ${new URL(rollcall.databaseUrl).pathname.slice(1)} set default_transaction_read_only = on`,
  );
  await rollcall.rollcall.db.search(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    [],
  );
  const { text: later } = await request(rollcall.server).get('/metrics');
  expect(later).toMatch(/rollcall_database_state\{state="read_only"\} 1/);
  const ready = await request(rollcall.server).get('/readyz').expect(503);
  expect(ready.body).toMatchObject({ detail: 'The database is read-only.' });
  await other.scim('GET', '/Users').expect(200);
  const refused = await other.scim('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'read-only@example.com',
  });
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5']);
});
