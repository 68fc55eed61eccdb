import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { joins, PASSWORD, signInAsOwner, type TestPerson } from '../support/admin.ts';
import { createBrowser, type Page } from '../support/browser.ts';
import { startRollcall, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let owner: TestPerson;
let publicUrl: string;
let clock = 0;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + clock) });
  publicUrl = rollcall.base.replace(/\/scim\/v2$/, '');
  owner = await signInAsOwner(rollcall, await rollcall.tenant());
});
afterAll(() => rollcall.close());

/** A person with an authenticator app, and the code that it shows next. */
async function withApp(): Promise<{ person: TestPerson; next(): string }> {
  const person = await joins(rollcall, owner);
  const { secret } = (await person.post('/me/totp', { password: PASSWORD }).expect(200)).body;
  const next = () => {
    clock += 30_000;
    return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + clock });
  };
  await person.post('/me/totp/confirm', { code: next() }).expect(200);
  return { person, next };
}

async function asked(email: string) {
  const browser = createBrowser();
  const form = await browser.get(`${publicUrl}/sign-in?with=password`);
  return { browser, page: await browser.submit(form, { email, password: PASSWORD }) };
}
const tokenIn = (page: Page) => /name="pending" value="([^"]+)"/.exec(page.text)?.[1] ?? '';

test('the form that asks for the code holds no password, and its token is kept as a hash', async () => {
  const { person, next } = await withApp();
  const { browser, page } = await asked(person.email);
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
  const { person, next } = await withApp();
  const { browser, page } = await asked(person.email);
  expect((await browser.submit(page, { code: '000000' })).status).toBe(401);
  expect((await browser.submit(page, { code: next() })).status).toBe(401);
});

test('its token is over after five minutes, and once the password was changed', async () => {
  const { person, next } = await withApp();
  const late = await asked(person.email);
  clock += 5 * 60_000 + 1_000;
  expect((await late.browser.submit(late.page, { code: next() })).status).toBe(401);
  const changed = await asked(person.email);
  clock += 1_000;
  const body = { currentPassword: PASSWORD, newPassword: 'changed by myself 7' };
  await person.post('/me/password', body).expect(204);
  expect((await changed.browser.submit(changed.page, { code: next() })).status).toBe(401);
});

test('guesses of the code that come all at once are no more than those that come one by one', async () => {
  const { person } = await withApp();
  const pages = [];
  for (let count = 0; count < 40; count += 1) pages.push(await asked(person.email));
  await Promise.all(pages.map(({ browser, page }) => browser.submit(page, { code: '000000' })));
  const rows = await rollcall.rollcall.db.search<{ guesses: number }>(
    `select count(*)::int as guesses from sign_in_attempts where user_id = $1 and outcome = 'wrong_code'`,
    [person.id],
  );
  expect(rows[0]?.guesses).toBeLessThanOrEqual(10);
});
