import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import pino from 'pino';
import { serve } from '../../src/serve.ts';
import { joins, mailsTo, signIn, signInAsOwner, type TestUser } from '../support/admin.ts';
import { lockOrganizationRow } from '../support/locks.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const secretKey = randomBytes(32);
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  await sql(
    `create function fail() returns trigger language plpgsql as $$ begin raise exception 'cut off'; end $$`,
  );
});
afterEach(() =>
  sql('drop trigger if exists fail on idempotency_keys; drop trigger if exists fail on events'),
);
afterAll(() => rollcall.close());

const sql = async (text: string) => {
  const client = new pg.Client({ connectionString: rollcall.databaseUrl });
  await client.connect();
  await client.query(text).finally(() => client.end());
};
const address = () => `person-${randomBytes(5).toString('hex')}@rollcall.example`;
const post = (user: TestUser, path: string, key: string, body: object) =>
  user.post(path, body).set('Idempotency-Key', key);

/** What was committed stays, and everything that comes after it fails. */
const loseAnswers = () =>
  sql(`create trigger fail before insert or update on idempotency_keys
    for each row when (new.status is not null) execute function fail()`);

test('a request that was done, and whose answer was lost, is answered and not done again', async () => {
  const [key, email] = [randomBytes(8).toString('hex'), address()];
  await loseAnswers();
  expect((await post(owner, '/invitations', key, { email })).status).toBe(500);
  await sql('drop trigger fail on idempotency_keys');
  const again = await post(owner, '/invitations', key, { email });
  expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, 'true']);
  expect(await mailsTo(rollcall, email)).toHaveLength(1);
});

test('a key that was made, and whose answer was lost, is shown by the repeated request', async () => {
  const key = randomBytes(8).toString('hex');
  const body = { name: 'Nightly sync', scopes: ['users:read'] };
  await loseAnswers();
  expect((await post(owner, '/me/api-keys', key, body)).status).toBe(500);
  await sql('drop trigger fail on idempotency_keys');
  const { id, token } = (await post(owner, '/me/api-keys', key, body)).body;
  const listed = (await owner.get('/me/api-keys')).body.data as { id: string; last4?: string }[];
  expect(listed.map((each) => each.id)).toEqual([id]);
  const users = await rollcall.rollcall.db.search('select from api_keys where hash = sha256($1::bytea)', [
    Buffer.from(token),
  ]);
  expect(users).toHaveLength(1);
});

test('a request that was not carried out may be sent again immediately', async () => {
  const [key, email] = [randomBytes(8).toString('hex'), address()];
  await sql(`create trigger fail before insert on events for each row execute function fail();
    create trigger fail before delete on idempotency_keys for each row execute function fail()`);
  expect((await post(owner, '/invitations', key, { email })).status).toBe(500);
  await sql('drop trigger fail on events; drop trigger fail on idempotency_keys');
  const again = await post(owner, '/invitations', key, { email });
  expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, undefined]);
});

test('a request of several commands continues where it ended, those that are rejected included', async () => {
  const users = [];
  for (let count = 0; count < 3; count += 1) users.push(await joins(rollcall, owner));
  const [first, second, third] = users as [TestUser, TestUser, TestUser];
  await owner.post(`/users/${second.id}/deactivate`, {});
  const body = { action: 'deactivate', userIds: [first.id, second.id, third.id] };
  const key = randomBytes(8).toString('hex');
  await loseAnswers();
  expect((await post(owner, '/users/bulk', key, body)).status).toBe(500);
  await sql('drop trigger fail on idempotency_keys');
  const { results } = (await post(owner, '/users/bulk', key, body)).body;
  expect(results.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, false, true]);
});

test('two users with one key and one body get an answer each of their own', async () => {
  const other = await joins(rollcall, owner, { role: 'configure' });
  const key = randomBytes(8).toString('hex');
  const body = { name: 'Mine', scopes: ['users:read'] };
  const mine = await post(owner, '/me/api-keys', key, body);
  const theirs = await post(other, '/me/api-keys', key, body);
  expect([mine.status, theirs.status]).toEqual([201, 201]);
  expect(theirs.headers['idempotency-replayed']).toBeUndefined();
  expect(theirs.body.token).not.toBe(mine.body.token);
  expect((await other.get('/me/api-keys')).body.data.map(({ id }: { id: string }) => id)).toEqual([
    theirs.body.id,
  ]);
});

test('two processes with concurrent requests carry out one and answer the same', async () => {
  const { rollcall: second, server: http } = await serve({
    host: '127.0.0.1',
    port: 0,
    databaseUrl: rollcall.databaseUrl,
    log: pino({ level: 'silent' }),
    secretKey,
    mail: { smtpUrl: undefined, folder: rollcall.outbox, from: 'Rollcall <no-reply@rollcall.example>' },
  });
  const there = await signIn(http.server, organization.ownerEmail, OWNER_PASSWORD);
  const [key, email] = [randomBytes(8).toString('hex'), address()];
  const lock = await lockOrganizationRow(rollcall.databaseUrl, organization.org);
  const both = [post(owner, '/invitations', key, { email }), post(there, '/invitations', key, { email })].map(
    (sent) => sent.then((answer) => answer),
  );
  await lock.waitForWaiting(2);
  await lock.release();
  const [one, two] = await Promise.all(both);
  await http.close({ lingerMs: 0, graceMs: 0 });
  await second.close();
  expect([one?.status, two?.status]).toEqual([201, 201]);
  expect(two?.body.invitation.id).toBe(one?.body.invitation.id);
});
