import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { joins, PASSWORD, signIn, type TestUser } from '../support/admin.ts';
import { accessibilityProblems, CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';
import { OWNER_PASSWORD } from '../support/rollcall.ts';
import { connectSaml } from '../support/sso.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;

const open = (id: string) => page.goto(`${console_.base}/users/${id}?tab=security`);
const dialogOf = (name: RegExp) => page.getByRole('dialog', { name });

(CHROMIUM === undefined ? describe.skip : describe)('the tab Security of a person', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    owner = await signIn(console_.rollcall.server, console_.organization.ownerEmail, OWNER_PASSWORD);
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  test('asks before the link to a provider is removed, and says which sessions end', async () => {
    const { connection } = await connectSaml(console_.rollcall, console_.organization);
    const { id } = await joins(console_.rollcall, owner);
    await owner
      .post(`/users/${id}/identities`, { connectionId: connection, subject: 'ada@idp.example' })
      .expect(201);
    const links = async () => (await owner.get(`/users/${id}/identities`).expect(200)).body.data.length;
    await open(id);
    await page.getByRole('button', { name: 'Remove the link' }).click();
    const dialog = dialogOf(/^Remove the link of/);
    await dialog.getByText(/^Sessions that began through/).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await links()).toBe(1);
    await page.getByRole('button', { name: 'Remove the link' }).click();
    await dialog.getByRole('button', { name: /^Remove the link to/ }).click();
    await page.getByText('They have not signed in through a provider.').waitFor();
    expect(await links()).toBe(0);
  });

  test('asks before an authenticator app is removed, for one’s password too, and says that they are signed out', async () => {
    const user = await joins(console_.rollcall, owner);
    const { secret } = (await user.post('/me/totp', { password: PASSWORD }).expect(200)).body;
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    await user.post('/me/totp/confirm', { code }).expect(200);
    const hasApp = async () => (await owner.get(`/users/${user.id}/security`).expect(200)).body.mfa;
    await open(user.id);
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    const dialog = dialogOf(/^Remove the authenticator app of/);
    await dialog.getByText(/^They are signed out everywhere/).waitFor();
    expect(await hasApp()).toBe(true);
    await dialog.getByLabel('Your password').fill(OWNER_PASSWORD);
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.getByRole('button', { name: 'Confirmed' }).waitFor();
    await dialog.getByRole('button', { name: 'Remove the authenticator app' }).click();
    await page.getByText(/^The authenticator app of .* was removed\.$/).waitFor();
    expect(await hasApp()).toBe(false);
  });

  test('of oneself offers neither a role nor a deactivation, and says who can do that', async () => {
    await open(owner.id);
    for (const name of ['Change role', 'Deactivate']) {
      const button = page.getByRole('button', { name: new RegExp(`^${name}`) }).first();
      await button.waitFor();
      expect([name, await button.getAttribute('aria-disabled')]).toEqual([name, 'true']);
    }
    await page
      .getByText(/ask another administrator/)
      .first()
      .waitFor({ state: 'attached' });
  });
});
