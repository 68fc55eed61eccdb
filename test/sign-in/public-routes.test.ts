import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { joins, mailsTo, PASSWORD, signIn, signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let clock = 0;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + clock) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const login = (body: object, headers: Record<string, string> = {}) =>
  request(rollcall.server).post('/api/v1/auth/login').set(headers).send(body);

describe('a route that asks for no sign-in', () => {
  test('takes no body over 16 KiB', async () => {
    expect((await login({ email: 'a@rollcall.example', password: 'x'.repeat(17_000) })).status).toBe(413);
  });

  test('lists few errors, each short', async () => {
    const strange = Object.fromEntries(Array.from({ length: 400 }, (_, number) => [`f${number}`, 1]));
    const many = await login(strange);
    expect([many.status, many.body.errors.length]).toEqual([422, 50]);
    const long = await login({ ['n'.repeat(10_000)]: 1 });
    expect(long.text.length).toBeLessThan(2_000);
  });

  test('takes no sign-in that a page of another site sends', async () => {
    const body = { email: organization.ownerEmail, password: OWNER_PASSWORD };
    expect((await login(body, { Origin: 'https://evil.example' })).status).toBe(403);
    expect((await login(body, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await login(body, { Origin: rollcall.base.replace(/\/scim\/v2$/, '') })).status).toBe(200);
  });
});

test('a step-up token is proof for the user who asked for it, and for five minutes', async () => {
  const [one, other] = [
    await joins(rollcall, owner, { role: 'admin' }),
    await joins(rollcall, owner, { role: 'admin' }),
  ];
  const user = await joins(rollcall, owner);
  const { stepUpToken } = (await one.post('/auth/step-up', { password: PASSWORD }).expect(200)).body;
  const remove = (by: TestUser) => by.delete(`/users/${user.id}`, { mode: 'soft', stepUpToken });
  expect((await remove(other)).body.code).toBe('step_up_required');
  clock += 5 * 60_000 + 1_000;
  expect((await remove(one)).body.code).toBe('step_up_required');
  clock -= 60_000;
  expect((await remove(one)).status).toBe(204);
});

test('a change of the password ends the user’s other sessions', async () => {
  const user = await joins(rollcall, owner);
  const elsewhere = await signIn(rollcall.server, user.email, PASSWORD);
  clock += 1_000;
  const body = { currentPassword: PASSWORD, newPassword: 'changed by myself 7' };
  await user.post('/me/password', body).expect(204);
  expect((await elsewhere.get('/me')).status).toBe(401);
  expect((await user.get('/me')).status).toBe(200);
});

test('a step-up token ends with a change of the password', async () => {
  const admin = await joins(rollcall, owner, { role: 'admin' });
  const { stepUpToken } = (await admin.post('/auth/step-up', { password: PASSWORD }).expect(200)).body;
  expect((await admin.post('/me/totp', { stepUpToken })).status).toBe(200);
  const newPassword = 'changed by myself 7';
  await admin.post('/me/password', { currentPassword: PASSWORD, newPassword }).expect(204);
  expect((await admin.post('/me/totp', { stepUpToken })).body.code).toBe('step_up_required');
});

describe('a name', () => {
  const anyone = () => `n${Math.random().toString(36).slice(2)}@rollcall.example`;
  const nameOf = async (email: string) => (await owner.get(`/users?q=${email}`)).body.data[0]?.name;
  const lines = 'Jane\r\nPay here:\u2028 https://evil.example';
  const oneLine = 'Jane Pay here: https://evil.example';

  test('of an invitation is one line of at most 200 characters, in the mail as well', async () => {
    const email = anyone();
    await owner.post('/invitations', { email, name: lines }).expect(201);
    expect(await nameOf(email)).toBe(oneLine);
    await mailsTo(rollcall, email);
    expect((await owner.post('/invitations', { email: anyone(), name: 'n'.repeat(201) })).status).toBe(422);
    expect((await owner.post('/invitations', { email: anyone(), name: 'n'.repeat(200) })).status).toBe(201);
  });

  test('that a user chooses is one line of at most 200 characters', async () => {
    const user = await joins(rollcall, owner);
    await user.patch('/me', { name: lines }).expect(200);
    expect(await nameOf(user.email)).toBe(oneLine);
    expect((await user.patch('/me', { name: 'n'.repeat(201) })).status).toBe(422);
  });

  test('that SCIM sends is one line of at most 200 characters', async () => {
    const user = (displayName: string) => ({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: anyone(),
      displayName,
    });
    const made = await organization.scim('POST', '/Users', user(lines)).expect(201);
    expect(made.body.displayName).toBe(oneLine);
    const patch = (value: string) =>
      organization.scim('PATCH', `/Users/${made.body.id}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'displayName', value }],
      });
    expect((await patch('A\nB').expect(200)).body.displayName).toBe('A B');
    expect((await patch('n'.repeat(201))).status).toBe(400);
    expect((await organization.scim('POST', '/Users', user('n'.repeat(201)))).status).toBe(400);
  });
});
