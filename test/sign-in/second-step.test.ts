import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { anonymous, joins, PASSWORD, signInAsOwner, type TestUser } from '../support/admin.ts';
import { createBrowser, type Page } from '../support/browser.ts';
import { OWNER_PASSWORD, startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let owner: TestUser;
let publicUrl: string;
let clock = 0;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + clock) });
  publicUrl = rollcall.base.replace(/\/scim\/v2$/, '');
  owner = await signInAsOwner(rollcall, await rollcall.organization());
});
afterAll(() => rollcall.close());

/** A user with an authenticator app, and the code that it shows next. */
async function withApp() {
  const user = await joins(rollcall, owner);
  const { secret } = (await user.post('/me/totp', { password: PASSWORD }).expect(200)).body;
  const codeOf = (minutesAgo: number) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({
      timestamp: Date.now() + clock - minutesAgo * 60_000,
    });
  const next = () => {
    clock += 30_000;
    return codeOf(0);
  };
  const { recoveryCodes } = (await user.post('/me/totp/confirm', { code: next() }).expect(200)).body;
  return { person: user, next, codeOf, recoveryCodes: recoveryCodes as readonly string[] };
}

const attempt = (email: string, code: string, password = PASSWORD) =>
  anonymous(rollcall.server).post('/auth/login', { email, password, code });

async function requested(email: string) {
  const browser = createBrowser();
  const form = await browser.get(`${publicUrl}/sign-in?with=password`);
  return { browser, page: await browser.submit(form, { email, password: PASSWORD }) };
}
const tokenIn = (page: Page) => /name="pending" value="([^"]+)"/.exec(page.text)?.[1] ?? '';

test('the form that asks for the code contains no password, and its token is kept as a hash', async () => {
  const { person: user, next } = await withApp();
  const { browser, page } = await requested(user.email);
  const token = tokenIn(page);
  expect(token.length).toBeGreaterThan(20);
  expect(token.length).toBeLessThan(60);
  const rows = await rollcall.rollcall.db.search<{ all: string }>(
    'select string_agg(p::text, $1) as all from pending_sign_ins p',
    [','],
  );
  expect(rows[0]?.all).not.toContain(token);
  expect((await browser.submit(page, { code: next() })).text).toContain('Sign out');
});

test('its token is good for one code, right or wrong', async () => {
  const { person: user, next } = await withApp();
  const { browser, page } = await requested(user.email);
  expect((await browser.submit(page, { code: '000000' })).status).toBe(401);
  expect((await browser.submit(page, { code: next() })).status).toBe(401);
});

test('its token has ended after five minutes, and once the password was changed', async () => {
  const { person: user, next } = await withApp();
  const late = await requested(user.email);
  clock += 5 * 60_000 + 1_000;
  expect((await late.browser.submit(late.page, { code: next() })).status).toBe(401);
  const changed = await requested(user.email);
  clock += 1_000;
  const body = { currentPassword: PASSWORD, newPassword: 'changed by myself 7' };
  await user.post('/me/password', body).expect(204);
  expect((await changed.browser.submit(changed.page, { code: next() })).status).toBe(401);
});

test('concurrent guesses of the code are limited like sequential ones', async () => {
  const { person: user } = await withApp();
  const pages = [];
  for (let count = 0; count < 40; count += 1) pages.push(await requested(user.email));
  await Promise.all(pages.map(({ browser, page }) => browser.submit(page, { code: '000000' })));
  const rows = await rollcall.rollcall.db.search<{ guesses: number }>(
    `select count(*)::int as guesses from sign_in_attempts where user_id = $1 and outcome = 'wrong_code'`,
    [user.id],
  );
  expect(rows[0]?.guesses).toBeLessThanOrEqual(10);
});

test('a code is good once', async () => {
  const { person: user, next } = await withApp();
  const code = next();
  expect((await attempt(user.email, code)).status).toBe(200);
  expect((await attempt(user.email, code)).status).toBe(401);
  expect((await attempt(user.email, next())).status).toBe(200);
});

test('a code that the app showed minutes ago is not accepted', async () => {
  const { person: user, codeOf } = await withApp();
  clock += 20 * 60_000;
  for (const minutes of [2, 5, 9]) expect((await attempt(user.email, codeOf(minutes))).status).toBe(401);
  expect((await attempt(user.email, codeOf(0))).status).toBe(200);
});

test('a recovery code is good once, and the others stay good', async () => {
  const { person: user, recoveryCodes } = await withApp();
  const [first = '', second = ''] = recoveryCodes;
  expect((await attempt(user.email, first)).status).toBe(200);
  expect((await attempt(user.email, first)).status).toBe(401);
  expect((await attempt(user.email, second)).status).toBe(200);
});

test('a session does not replace an authenticator app that is confirmed', async () => {
  const { person: user, next } = await withApp();
  const again = await user.post('/me/totp', { password: PASSWORD });
  expect([again.status, again.body.code]).toEqual([409, 'already_enrolled']);
  expect((await attempt(user.email, next())).status).toBe(200);
});

test('wrong codes of an owner do not lock the account and are limited to ten in a quarter of an hour', async () => {
  const organization = await rollcall.organization();
  const other = await signInAsOwner(rollcall, organization);
  const { secret } = (await other.post('/me/totp', { password: OWNER_PASSWORD }).expect(200)).body;
  const code = () =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + clock });
  await other.post('/me/totp/confirm', { code: code() }).expect(200);
  for (let count = 0; count < 10; count += 1) {
    expect((await attempt(organization.ownerEmail, '000000', OWNER_PASSWORD)).status).toBe(401);
  }
  expect((await attempt(organization.ownerEmail, '000000', OWNER_PASSWORD)).status).toBe(429);
});
