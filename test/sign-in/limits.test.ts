import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { joins, mailsTo, PASSWORD, signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

/** Limits are for wrong passwords, and unauthenticated clients cannot use them up for the users of an account. */
let rollcall: TestRollcall;
let owner: TestUser;
let organization: TestOrganization;

beforeAll(async () => {
  rollcall = await startRollcall({ trustProxy: 1 });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const attempt = (email: string, password: string, ip: string, cookie = '') =>
  request(rollcall.server)
    .post('/api/v1/auth/login')
    .set({ 'X-Forwarded-For': ip, ...(cookie === '' ? {} : { Cookie: cookie }) })
    .send({ email, password });

const deviceOf = (answer: { headers: unknown }): string => {
  const cookies = (answer.headers as { 'set-cookie'?: string[] })['set-cookie'] ?? [];
  return cookies.find((cookie) => cookie.startsWith('device='))?.split(';')[0] ?? '';
};

describe('wrong passwords from elsewhere', () => {
  test('do not keep the owner out of another network', async () => {
    const { ownerEmail } = await rollcall.organization();
    for (let round = 0; round < 11; round += 1) await attempt(ownerEmail, 'wrong', '198.51.100.1');
    expect((await attempt(ownerEmail, OWNER_PASSWORD, '198.51.100.77')).status).toBe(429);
    expect((await attempt(ownerEmail, OWNER_PASSWORD, '203.0.113.9')).status).toBe(200);
  });

  test('from many networks do not keep the owner from a device that signed in before', async () => {
    const { ownerEmail } = await rollcall.organization();
    const device = deviceOf(await attempt(ownerEmail, OWNER_PASSWORD, '203.0.113.10'));
    expect(device).toMatch(/^device=/);
    const networks = Array.from({ length: 105 }, (_, network) => `10.0.${network}.1`);
    await Promise.all(networks.map((ip) => attempt(ownerEmail, 'wrong', ip)));
    expect((await attempt(ownerEmail, OWNER_PASSWORD, '10.9.9.9')).status).toBe(429);
    expect((await attempt(ownerEmail, OWNER_PASSWORD, '10.9.9.9', device)).status).toBe(200);
  });

  test('do not keep out who sets a new password by mail, on a device that never signed in', async () => {
    const { ownerEmail } = await rollcall.organization();
    const networks = Array.from({ length: 105 }, (_, network) => `10.1.${network}.1`);
    await Promise.all(networks.map((ip) => attempt(ownerEmail, 'wrong', ip)));
    const waiting = await attempt(ownerEmail, OWNER_PASSWORD, '10.9.9.8');
    expect([waiting.status, waiting.body.detail]).toEqual([429, expect.stringContaining('by mail')]);

    await request(rollcall.server).post('/api/v1/auth/password-reset').send({ email: ownerEmail });
    const [mail] = await mailsTo(rollcall, ownerEmail);
    const token = /#(reset_[\w-]+)/.exec(mail?.text ?? '')?.[1];
    const password = 'chosen by a link of a mail';
    const reset = await request(rollcall.server)
      .post('/api/v1/auth/password-reset/confirm')
      .set('X-Forwarded-For', '10.9.9.8')
      .send({ token, password });
    expect(reset.status).toBe(204);
    expect((await attempt(ownerEmail, password, '10.9.9.8')).status).toBe(429);
    expect((await attempt(ownerEmail, password, '10.9.9.8', deviceOf(reset))).status).toBe(200);
  });

  test('are not free for the device of another account', async () => {
    const [mine, theirs] = [await rollcall.organization(), await rollcall.organization()];
    const device = deviceOf(await attempt(mine.ownerEmail, OWNER_PASSWORD, '203.0.113.20'));
    for (let round = 0; round < 10; round += 1)
      await attempt(theirs.ownerEmail, 'wrong', '203.0.113.20', device);
    expect((await attempt(theirs.ownerEmail, 'wrong', '203.0.113.20', device)).status).toBe(429);
  });

  test('from a known device are slowed down, too', async () => {
    const { ownerEmail } = await rollcall.organization();
    const device = deviceOf(await attempt(ownerEmail, OWNER_PASSWORD, '203.0.113.30'));
    for (let round = 0; round < 10; round += 1) await attempt(ownerEmail, 'wrong', '203.0.113.30', device);
    expect((await attempt(ownerEmail, 'wrong', '203.0.113.30', device)).status).toBe(429);
  });

  test('lock the account and leave its sessions alive', async () => {
    const user = await joins(rollcall, owner);
    for (let round = 0; round < 5; round += 1) await attempt(user.email, 'wrong', '198.51.100.40');
    expect((await owner.get(`/users/${user.id}`)).body.locked).toBe(true);
    expect((await user.get('/me')).status).toBe(200);
  });

  test('do not lock an account that has no password, since its user signs in at a provider', async () => {
    const email = 'provisioned@rollcall.example';
    const body = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: email, active: true };
    const { id } = (await organization.scim('POST', '/Users', { ...body, emails: [{ value: email }] })).body;
    for (let round = 0; round < 7; round += 1) await attempt(email, 'wrong', '198.51.100.41');
    expect((await owner.get(`/users/${id}`)).body).toMatchObject({ email, locked: false });
  });

  test('in a session of the user lock the account and end its sessions', async () => {
    const user = await joins(rollcall, owner);
    for (let round = 0; round < 5; round += 1) await user.post('/auth/step-up', { password: 'wrong' });
    expect((await owner.get(`/users/${user.id}`)).body.locked).toBe(true);
    expect((await user.get('/me')).status).toBe(401);
  });

  test('from one IPv6 /64 are those of one address', async () => {
    const guess = (round: number) => attempt(`v6-${round}@rollcall.example`, 'x', `2001:db8::${round + 1}`);
    await Promise.all(Array.from({ length: 50 }, (_, round) => guess(round)));
    expect((await guess(50)).status).toBe(429);
  });
});

describe('right passwords', () => {
  test('of one office are never too many, even concurrently', async () => {
    const { ownerEmail } = await rollcall.organization();
    const ip = '203.0.113.50';
    for (let round = 0; round < 4; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 15 }, () => attempt(ownerEmail, OWNER_PASSWORD, ip)),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    }
  });

  test('of step-ups are never too many', async () => {
    const user = await joins(rollcall, owner);
    for (let round = 0; round < 55; round += 1) {
      expect((await user.post('/auth/step-up', { password: PASSWORD })).status).toBe(200);
    }
  });
});
