import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { anonymous, joins, PASSWORD, signIn, signInAsOwner, type TestUser } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { type Held, lockOrganizationRow } from '../support/held-rows.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY } from '../support/sso.ts';

/** Nothing that an unauthenticated client can bring about waits for an organization's lock. */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let held: Held | undefined;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());
afterEach(async () => {
  await held?.release();
  held = undefined;
});

const takeLock = async (): Promise<void> => {
  held = await lockOrganizationRow(rollcall.databaseUrl, organization.org);
};

/** @returns whether it is done within two seconds, while the lock is held */
const isQuick = (work: Promise<unknown>): Promise<boolean> =>
  Promise.race([work.then(() => true), new Promise<boolean>((resolve) => setTimeout(resolve, 2_000, false))]);

describe('while the lock of the organization is held', () => {
  test('a wrong password is answered as quickly for an account as for none', async () => {
    await takeLock();
    const timed = async (email: string) => {
      const start = performance.now();
      const sent = request(rollcall.server).post('/api/v1/auth/login').send({ email, password: 'wrong' });
      const answer = await Promise.race([
        sent.then(({ status }) => status),
        new Promise((resolve) => setTimeout(resolve, 3_000, 'waits')),
      ]);
      return { answer, ms: performance.now() - start };
    };
    const unknown = await timed('nobody@rollcall.example');
    const known = await timed(organization.ownerEmail);
    expect([known.answer, unknown.answer]).toEqual([401, 401]);
    expect(Math.abs(known.ms - unknown.ms)).toBeLessThan(150);
  });

  test('a right password signs in, and a session ends', async () => {
    const { email } = await joins(rollcall, owner);
    await takeLock();
    const signedIn = signIn(rollcall.server, email, PASSWORD);
    expect(await isQuick(signedIn)).toBe(true);
    expect(await isQuick((await signedIn).delete('/me/sessions').then())).toBe(true);
    expect(await isQuick((await signedIn).delete('/auth/session').then())).toBe(true);
  });

  test('a request of a password link takes the same time with and without an account', async () => {
    const user = await joins(rollcall, owner);
    await takeLock();
    const asks = (email: string) => anonymous(rollcall.server).post('/auth/password-reset', { email }).then();
    expect(await isQuick(asks('nobody@rollcall.example'))).toBe(true);
    expect(await isQuick(asks(user.email))).toBe(true);
  });

  test('a step-up with a wrong password is rejected', async () => {
    const user = await joins(rollcall, owner);
    await takeLock();
    expect(await isQuick(user.post('/auth/step-up', { password: 'wrong' }).then())).toBe(true);
    expect(await isQuick(user.post('/auth/step-up', { password: PASSWORD }).then())).toBe(true);
  });

  test('a response that proves nothing is rejected, and so is one that came before', async () => {
    const saml = await connectSaml(rollcall, organization, {
      domains: ['lock.example'],
      provisioning: { enabled: true },
    });
    const browser = createBrowser();
    const { id } = await saml.begin(browser);
    const response = saml.respond({
      inResponseTo: id,
      nameId: 'a@lock.example',
      attributes: [['email', ['a@lock.example']]],
    });
    expect((await saml.post(browser, response)).status).not.toBe(403);
    await takeLock();
    const nonsense = saml.post(browser, Buffer.from('<nonsense/>').toString('base64'));
    expect(await isQuick(nonsense)).toBe(true);
    expect((await nonsense).status).toBe(403);
    const again = saml.post(browser, response);
    expect(await isQuick(again)).toBe(true);
    expect((await again).status).toBe(403);
  });
});
