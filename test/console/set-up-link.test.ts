import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signIn, type TestUser } from '../support/admin.ts';
import { accessibilityProblems, CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';
import { OWNER_PASSWORD } from '../support/rollcall.ts';

let console_: TestConsole;
let owner: TestUser;

/** The path and the token of a new link. */
async function linkFor(path: string): Promise<string> {
  const { body } = await owner
    .post(`${path}/set-up-links`, { label: 'Jane, IT', password: OWNER_PASSWORD })
    .expect(201);
  const { pathname, hash } = new URL(body.url);
  return pathname + hash;
}

(CHROMIUM === undefined ? describe.skip : describe)('R154: the page of a set-up link', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    owner = await signIn(console_.rollcall.server, console_.organization.ownerEmail, OWNER_PASSWORD);
  });
  afterAll(() => console_?.close());

  test('its holder makes a token for provisioning, shown once, without an account', async () => {
    const page = await console_.open(await linkFor(`/scim/connections/${console_.organization.connection}`));
    await page.getByRole('heading', { name: 'Set up provisioning for Halden Instruments' }).waitFor();
    await page.getByRole('button', { name: /^Make (a|another) token$/ }).click();
    await page.getByText('You won’t be able to see it again.').waitFor();
    const token = await page.locator('code').last().innerText();
    const answer = await fetch(`${console_.base}/scim/v2/Users`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(200);
    await page.getByRole('button', { name: 'Run the self-test' }).click();
    await page.getByText('The self-test passed.').waitFor();
    await page.getByRole('button', { name: 'Check what has arrived' }).click();
    await page.getByRole('status').getByRole('listitem').first().waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('its holder sees what to enter at the provider, and says which domains', async () => {
    const { body } = await owner
      .post('/sso/connections', { name: 'Entra ID', protocol: 'saml', provider: 'entra' })
      .expect(201);
    const page = await console_.open(await linkFor(`/sso/connections/${body.id}`));
    await page.getByRole('heading', { name: 'Set up single sign-on for Halden Instruments' }).waitFor();
    await page.getByText('Reply URL (Assertion Consumer Service URL)').waitFor();
    await page.getByLabel('Domains').fill('halden.example');
    await page.getByRole('button', { name: 'Save the domains' }).click();
    await page.getByText('Not verified yet').waitFor();
    await page.getByText('You have nothing more to do.').waitFor();
    const step = page.getByRole('listitem').filter({ hasText: 'Enter the email domains, and verify them' });
    expect(await step.first().textContent()).not.toContain('Done:');
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('a link that was revoked, or is none, says so and shows nothing', async () => {
    const page = await console_.open('/set-up#not-a-token');
    await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
