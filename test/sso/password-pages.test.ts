import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { joins, mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY } from '../support/sso.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let site: string;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  site = (await connectSaml(rollcall, organization)).publicUrl;
});
afterAll(() => rollcall.close());

const tokenTo = async (email: string) => {
  const mail = (await mailsTo(rollcall, email)).find(({ text }) => text?.includes('/reset-password#'));
  return /\/reset-password#(reset_[\w-]+)/.exec(mail?.text ?? '')?.[1];
};
const asksFor = async (email: string) => {
  const browser = createBrowser();
  return browser.submit(await browser.get(`${site}/forgot-password`), { email });
};

test('a user who has forgotten their password requests a link and sets a new one with it', async () => {
  const { email } = await joins(rollcall, owner);
  const sent = await asksFor(email);
  expect([sent.status, sent.text]).toEqual([200, expect.stringContaining('Check your email')]);
  const token = (await tokenTo(email)) as string;
  const browser = createBrowser();
  const page = await browser.get(`${site}/reset-password`);
  const weak = await browser.submit(page, { token, password: 'short' });
  expect([weak.status, weak.text]).toEqual([422, expect.stringContaining('role="alert"')]);
  const done = await browser.submit(weak, { password: 'entirely another one 9' });
  expect([done.status, done.text]).toEqual([200, expect.stringContaining('Your password was changed')]);
  const signedIn = await browser.submit(await browser.get(`${site}/sign-in?with=password`), {
    email,
    password: 'entirely another one 9',
  });
  expect(signedIn.text).toContain('Sign out');
  const again = await browser.submit(page, { token, password: 'entirely another one 9' });
  expect([again.status, again.text]).toEqual([410, expect.stringContaining('has expired or was used')]);
});

test('the answer is the same for an address that no one has, and nothing is mailed', async () => {
  const begun = performance.now();
  const { text, status } = await asksFor('nobody@nowhere.example');
  expect(performance.now() - begun).toBeGreaterThan(115);
  const { email } = await joins(rollcall, owner);
  expect([status, text]).toEqual([200, (await asksFor(email)).text]);
  expect(await mailsTo(rollcall, 'nobody@nowhere.example')).toEqual([]);
});

test.each(['/forgot-password', '/reset-password'])(
  'a form that another site sends to %s does nothing',
  async (path) => {
    const { status } = await request(rollcall.server)
      .post(path)
      .set('Origin', 'https://evil.example')
      .type('form')
      .send({ email: organization.ownerEmail, token: 'reset_x', password: 'a password of a thief 1' });
    expect(status).toBe(403);
    expect(await tokenTo(organization.ownerEmail)).toBeUndefined();
  },
);
