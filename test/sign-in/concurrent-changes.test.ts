import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  anonymous,
  invitationToken,
  joins,
  mailsTo,
  PASSWORD,
  signInAsOwner,
  type TestUser,
} from '../support/admin.ts';
import { type Held, hold, lockOrganizationRow } from '../support/held-rows.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

/** Changes between the first read and the write are respected. A second connection's locks force the order. */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const attempt = (email: string, password: string) =>
  request(rollcall.server).post('/api/v1/auth/login').send({ email, password });
const holdUser = ({ id }: TestUser): Promise<Held> =>
  hold(rollcall.databaseUrl, 'select id from users where org_id = $1 and id = $2 for update', [
    organization.org,
    id,
  ]);

/** Signs in with the right password, while a statement changes the user between its check and the session. */
async function signInDuring(statement: string): Promise<number> {
  const user = await joins(rollcall, owner);
  const held = await holdUser(user);
  const answer = attempt(user.email, PASSWORD).then();
  await held.waiters(1);
  await held.release(statement, [user.id]);
  return (await answer).status;
}

describe('a right password', () => {
  test('does not sign in a user who is locked between its check and the session', async () => {
    expect(await signInDuring('update users set locked_at = now() where id = $1')).toBe(401);
  });

  test('does not sign in a user who is deactivated between its check and the session', async () => {
    expect(await signInDuring(`update users set status = 'inactive' where id = $1`)).toBe(401);
  });

  test('does not sign in with a password that is replaced between its check and the session', async () => {
    expect(await signInDuring(`update user_passwords set hash = 'other' where user_id = $1`)).toBe(401);
  });
});

/** Accepts an invitation, while a statement changes something between its first look and its acceptance. */
async function acceptDuring(
  email: string,
  statement: string,
  values: (invitation: string) => readonly string[],
): Promise<number> {
  await owner.post('/invitations', { email }).expect(201);
  const open = (await owner.get('/invitations')).body.data;
  const { id } = open.find((each: { user: { email: string } }) => each.user.email === email);
  const token = await invitationToken(rollcall, email);
  const held = await lockOrganizationRow(rollcall.databaseUrl, organization.org);
  const accepts = request(rollcall.server)
    .post(`/api/v1/invite/${token}/accept`)
    .send({ password: PASSWORD })
    .then();
  await held.waiters(1);
  await held.release(statement, [...values(id)]);
  return (await accepts).status;
}

test('an invitation that is sent again between read and acceptance is not accepted by its old link', async () => {
  const email = `late-${Date.now()}@rollcall.example`;
  const sendAgain = `update invitations set hash = '\\x00', sent_at = now() where id = $1`;
  expect(await acceptDuring(email, sendAgain, (id) => [id])).toBe(410);
});

test('an invitation that is revoked between look and acceptance is not accepted', async () => {
  const email = `revoked-${Date.now()}@rollcall.example`;
  const revoke = 'update invitations set revoked_at = now() where id = $1';
  expect(await acceptDuring(email, revoke, (id) => [id])).toBe(410);
});

test('an invitation whose user gets another address between look and acceptance is not accepted', async () => {
  const email = `moved-${Date.now()}@rollcall.example`;
  const move = 'update users set email = $1, email_key = $1 where email_key = $2';
  expect(await acceptDuring(email, move, () => [`new-${email}`, email])).toBe(410);
});

test('an invitation whose user is deactivated between look and acceptance is not accepted, and the user stays inactive', async () => {
  const email = `left-${Date.now()}@rollcall.example`;
  const deactivate = "update users set status = 'inactive', version = version + 1 where email_key = $1";
  expect(await acceptDuring(email, deactivate, () => [email])).toBe(410);
  const [user] = (await owner.get(`/users?q=${email}`)).body.data;
  expect(user.status).toBe('inactive');
});

test('a link for a new password that is superseded between look and use sets none', async () => {
  const user = await joins(rollcall, owner);
  await anonymous(rollcall.server).post('/auth/password-reset', { email: user.email }).expect(202);
  const mail = (await mailsTo(rollcall, user.email)).find(({ text }) => text?.includes('#reset_'));
  const token = /#(reset_[\w-]+)/.exec(mail?.text ?? '')?.[1] as string;
  const held = await lockOrganizationRow(rollcall.databaseUrl, organization.org);
  const sets = anonymous(rollcall.server)
    .post('/auth/password-reset/confirm', { token, password: 'a new one, 12 long' })
    .then();
  await held.waiters(1);
  await held.release('update user_passwords set changed_at = now() where user_id = $1', [user.id]);
  expect((await sets).body.code).toBe('reset_expired');
});

test('an administrator who is deactivated between authentication and the lock changes nothing', async () => {
  const admin = await joins(rollcall, owner, { role: 'admin' });
  const held = await lockOrganizationRow(rollcall.databaseUrl, organization.org);
  const changes = admin.patch('/me', { name: 'A leaver' }).then();
  await held.waiters(1);
  await held.release(`update users set status = 'inactive' where id = $1`, [admin.id]);
  expect((await changes).status).toBe(403);
});

test('two users with one idempotency key and one body get answers of their own', async () => {
  const [one, other] = [
    await joins(rollcall, owner, { role: 'admin' }),
    await joins(rollcall, owner, { role: 'admin' }),
  ];
  const body = { name: 'Script', scopes: ['users:read'] };
  const make = (user: TestUser) =>
    user.post('/me/api-keys', body).set('Idempotency-Key', 'the-same-for-both').then();
  const [first, second] = [await make(one), await make(other)];
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.body.token).not.toBe(first.body.token);
  expect(second.headers['idempotency-replayed']).toBeUndefined();
  expect((await make(one)).body.token).toBe(first.body.token);
  expect((await make(other)).body.token).toBe(second.body.token);
});

test('a deactivation does not fail because a directory changes the user at that moment', async () => {
  const user = await joins(rollcall, owner);
  const held = await holdUser(user);
  const deactivates = owner.post(`/users/${user.id}/deactivate`, {}).then();
  await held.waiters(1);
  await held.release('update users set version = version + 1 where id = $1', [user.id]);
  expect((await deactivates).status).toBe(200);
  expect((await user.get('/me')).status).toBe(401);
});

test('a deactivation that a directory was faster with is answered as such', async () => {
  const user = await joins(rollcall, owner);
  const held = await holdUser(user);
  const deactivates = owner.post(`/users/${user.id}/deactivate`, {}).then();
  await held.waiters(1);
  await held.release("update users set status = 'inactive', version = version + 1 where id = $1", [user.id]);
  expect((await deactivates).body.code).toBe('already_inactive');
});
