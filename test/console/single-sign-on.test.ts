import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { accessibilityProblems, CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';
import { startOidcProvider, type TestOidcProvider } from '../support/oidc/provider.ts';
import { metadataOf } from '../support/providers.ts';
import { OWNER_PASSWORD } from '../support/rollcall.ts';
import { makeParty } from '../support/saml/party.ts';

const CLIENT = { client_id: 'rollcall', client_secret: 'a-secret-of-the-client-that-is-long-enough' };
const SAML_IDP = { entityId: 'https://idp.acme.example/metadata', ssoUrl: 'https://idp.acme.example/sso' };

let console_: TestConsole;
let provider: TestOidcProvider;
let page: Page;
/** The connection over OpenID Connect, once it is there. */
let oidc: string;

const addressOf = (id: string, more = '') => `${console_.base}/single-sign-on/${id}${more}`;
const idOf = () => new URL(page.url()).pathname.split('/')[2] as string;

async function connect(kind: string, name: string): Promise<string> {
  await page.goto(`${console_.base}/single-sign-on`);
  await page.getByRole('button', { name: 'Connect a provider' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Connect a provider' });
  await dialog.getByRole('combobox', { name: 'Identity provider' }).click();
  await page.getByRole('option', { name: kind }).click();
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create the draft' }).click();
  await page.getByRole('navigation', { name: 'Steps' }).waitFor();
  return idOf();
}

/** Signs in at the provider in the window that the test opens. */
async function testAs(login: string): Promise<void> {
  const opened = page.context().waitForEvent('page');
  await page.getByRole('button', { name: /^Test (a sign-in|again)$/ }).click();
  const window = await opened;
  const field = window.locator('input[name=login]');
  const outcome = window.getByRole('heading', { name: /^The test / });
  await field.or(outcome).first().waitFor();
  // With a session at the provider nothing is asked.
  if ((await field.count()) > 0) {
    await field.fill(login);
    await field.press('Enter');
  }
  await outcome.waitFor();
  await window.close();
}

(CHROMIUM === undefined ? describe.skip : describe)('Admin → Single sign-on', () => {
  beforeAll(async () => {
    provider = await startOidcProvider({
      accounts: [
        {
          login: 'olena',
          sub: 'u-1',
          claims: {
            email: 'olena@halden.example',
            email_verified: true,
            name: 'Олена',
            groups: ['Engineering', 'Everyone'],
          },
        },
      ],
    });
    console_ = await startConsole({ allowPrivateProviders: true });
    page = await console_.signIn();
  });
  afterAll(async () => {
    await console_?.close();
    await provider?.close();
  });

  test('a draft shows what to enter at the provider, under the provider’s own labels', async () => {
    const id = await connect('Okta (SAML)', 'Okta');
    await page.getByText('Draft, affects no one').waitFor();
    const values = page.getByLabel('Values for the provider');
    for (const label of ['Single sign-on URL', 'Audience URI (SP Entity ID)', 'Application username']) {
      await values.getByText(label, { exact: true }).waitFor();
    }
    await values.getByText(`/sso/saml/${id}/acs`).waitFor();
  });

  test('metadata is pasted, what was read is shown, and without a test it cannot be activated', async () => {
    const { certificatePem } = await makeParty();
    await page
      .getByRole('button', { name: /Metadata/ })
      .first()
      .click();
    await page.getByRole('tab', { name: 'Paste' }).click();
    await page.getByLabel('Metadata XML').fill('<nothing/>');
    await page.getByRole('button', { name: 'Use the metadata' }).click();
    await page.getByRole('alert').or(page.locator('[data-error]')).first().waitFor();
    const expired = await makeParty({ notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') });
    await page
      .getByLabel('Metadata XML')
      .fill(metadataOf({ ...SAML_IDP, certificates: [expired.certificatePem] }));
    await page.getByRole('button', { name: 'Use the metadata' }).click();
    await page.getByText('expired 1 Jan 2021').waitFor();
    await page.getByText('Sign-ins still work, because the key is what is trusted.').waitFor();
    await page.getByLabel('Metadata XML').fill(metadataOf({ ...SAML_IDP, certificates: [certificatePem] }));
    await page.getByRole('button', { name: 'Use the metadata' }).click();
    await page.getByText(SAML_IDP.entityId, { exact: true }).waitFor();
    await page.getByRole('navigation', { name: 'Steps' }).getByText('Activate').click();
    const activate = page.getByRole('button', { name: 'Activate Okta' });
    expect(await activate.getAttribute('aria-disabled')).toBe('true');
    await page.getByText('Only what was tested can be activated').first().waitFor();
  });

  test('the provider’s certificate has a countdown, and a key of ours is rotated', async () => {
    await page.getByRole('tab', { name: 'Certificates and keys' }).click();
    await page
      .getByRole('table', { name: 'Certificates of the provider' })
      .getByText(/(?:days?|years) left|Expired/)
      .waitFor();
    await page.getByRole('button', { name: 'Rotate the signing key…' }).click();
    await page.getByRole('button', { name: 'Rotate the key' }).click();
    await page
      .getByRole('table', { name: 'Our keys' })
      .getByText(/^Retires/)
      .waitFor();
  });

  test('a domain gets a DNS record to prove it, and says that the record is not there yet', async () => {
    await page.getByRole('tab', { name: 'Domains' }).click();
    await page.getByLabel('Domain', { exact: true }).fill('halden.example');
    await page.getByRole('button', { name: 'Add the domain' }).click();
    const domain = page.getByRole('region', { name: 'halden.example' });
    await domain.getByText('_rollcall.halden.example').waitFor();
    await domain.getByText('Not verified').waitFor();
  });

  test('a set-up link for whoever runs the provider is shown once, and can be revoked (R154)', async () => {
    await page.getByRole('tab', { name: 'Set-up' }).click();
    await page.getByRole('navigation', { name: 'Steps' }).getByText('Create the app').click();
    await page.getByRole('button', { name: 'Make a set-up link…' }).click();
    await page.getByLabel('Who it is for').fill('Jane, IT');
    await page.getByLabel('Your password').fill(OWNER_PASSWORD);
    await page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await page.getByRole('button', { name: 'Make the link' }).click();
    const shown = page.getByRole('dialog', { name: 'A set-up link for Jane, IT' });
    expect(await shown.locator('code').textContent()).toContain('#');
    await shown.getByRole('button', { name: 'I have copied the link' }).click();
    await page.getByText('Not opened yet').waitFor();
    await page.getByRole('button', { name: 'Revoke the link of Jane, IT…' }).click();
    await page.getByRole('button', { name: 'Revoke the link', exact: true }).click();
    await page.getByText('Revoked', { exact: true }).waitFor();
  });

  test('R41, R42, R43, R55: without a feature to switch on there is a tab Auto-Provisioning, off at first, with the default role readonly', async () => {
    oidc = await connect('Another provider (OpenID Connect)', 'Halden ID');
    await page.getByRole('tab', { name: 'Auto-Provisioning' }).click();
    const enabled = page.getByLabel('Create people at their first sign-in');
    expect(await enabled.isChecked()).toBe(false);
    expect(await page.getByRole('combobox', { name: 'Default role' }).inputValue()).toBe('readonly');
  });

  test('R44, R45, R46, R47: attributes, role mapping and domains are saved', async () => {
    await page.getByLabel('Create people at their first sign-in').check();
    await page.getByLabel('Email').fill('email');
    await page.getByLabel('Name', { exact: true }).fill('name');
    await page.getByLabel('Groups', { exact: true }).fill('groups');
    const domains = page
      .getByRole('textbox', { name: 'Allowed domains' })
      .or(page.getByRole('combobox', { name: 'Allowed domains' }));
    await domains.fill('halden.example');
    await domains.press('Enter');
    await page.getByRole('button', { name: 'Add a group' }).click();
    await page.getByLabel('Group 1', { exact: true }).fill('Engineering');
    await page.getByRole('button', { name: 'Save auto-provisioning' }).click();
    await page.getByText('Auto-provisioning was saved.').waitFor();
    await page.reload();
    await page.getByLabel('Group 1', { exact: true }).waitFor();
    expect(await page.getByLabel('Groups', { exact: true }).inputValue()).toBe('groups');
  });

  test('a test that fails says how far it came and what to do', async () => {
    const redirectUri = `${console_.base}/sso/oidc/${oidc}/callback`;
    provider.register({ ...CLIENT, redirect_uris: [redirectUri] });
    await page.goto(addressOf(oidc, '?step=client'));
    await page.getByLabel('Issuer').fill(provider.issuer);
    await page.getByLabel('Client ID').fill(CLIENT.client_id);
    await page.getByLabel('Client secret', { exact: true }).fill('not-the-secret-of-the-client');
    await page.getByRole('button', { name: 'Save issuer and client' }).click();
    await page.getByText('Issuer and client were saved.').waitFor();
    await page.getByRole('navigation', { name: 'Steps' }).getByText('Test sign-in').click();
    await testAs('olena');
    await page.getByRole('heading', { name: 'The test sign-in was refused' }).waitFor();
    await page.getByText('What to do').waitFor();
    await page.getByText('How far it came').waitFor();
  });

  test('a test that passes shows what its person would become, and then the connection is activated', async () => {
    await page.goto(addressOf(oidc, '?step=client'));
    await page.getByLabel('Client secret', { exact: true }).fill(CLIENT.client_secret);
    await page.getByRole('button', { name: 'Save issuer and client' }).click();
    await page.getByText('Issuer and client were saved.').waitFor();
    await page.goto(addressOf(oidc, '?step=test'));
    const left = page.context().waitForEvent('page');
    await page.getByRole('button', { name: 'Test again' }).click();
    await (await left).close();
    await page
      .getByRole('heading', { name: 'The other window was closed before the sign-in was complete' })
      .waitFor();
    await testAs('olena');
    await page.getByRole('heading', { name: 'The test sign-in worked' }).waitFor();
    const card = page.getByRole('region', { name: 'This person would become' });
    await card.getByText('an account is created for them').waitFor();
    await card.getByText('train').waitFor();
    await card.getByText('Everyone').waitFor();
    const sent = page.getByRole('table', { name: 'What the provider sent' });
    await sent.getByText('o…@halden.example').first().waitFor();

    await page.getByText('The settings are unchanged since the test.').waitFor();
    await page.getByRole('button', { name: 'Continue to activation' }).click();
    await page.getByRole('button', { name: 'Activate Halden ID' }).click();
    await page.getByRole('heading', { name: 'Halden ID is active' }).waitFor();
  });

  test('R153: a person arrives, and other settings say beforehand whose role they change', async () => {
    const context = await (page.context().browser() as Browser).newContext();
    const theirs = await context.newPage();
    await theirs.goto(`${console_.base}/sso/${oidc}/start`);
    await theirs.locator('input[name=login]').fill('olena');
    await theirs.locator('input[name=login]').press('Enter');
    await theirs.waitForURL(`${console_.base}/**`);
    await context.close();

    await page.goto(addressOf(oidc, '?tab=auto-provisioning'));
    await page.getByLabel('at every sign-in: the provider decides').check();
    await page.getByRole('combobox', { name: 'Role of group 1' }).click();
    await page.getByRole('option', { name: 'configure' }).click();
    await page.getByText('At their next sign-in 1 user would have more rights. Nothing was saved.').waitFor();
    await page.getByText('train → configure').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Discard the changes' }).click();
    await page.getByText('At their next sign-in').waitFor({ state: 'detached' });
  });

  test('R139: the list shows which connections are active, and their domains', async () => {
    await page.goto(`${console_.base}/single-sign-on`);
    const row = page.getByRole('row', { name: /Halden ID/ });
    await row.getByText('Active', { exact: true }).waitFor();
    await page.getByRole('columnheader', { name: 'Domains' }).waitFor();
  });

  test('the traces name the stage, the reason and the remedy of a sign-in that was refused', async () => {
    await page.goto(addressOf(oidc, '?tab=traces'));
    await page
      .getByRole('button', { name: /Refused/ })
      .first()
      .click();
    await page.getByText('What to do').waitFor();
    await page.getByRole('region', { name: 'What the provider sent' }).waitFor();
    await page.waitForURL(/open=/);
  });

  test('axe finds nothing on the pages, light and dark', async () => {
    const check = async (where: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect([where, colorScheme, await accessibilityProblems(page)]).toEqual([where, colorScheme, []]);
      }
    };
    await page.goto(`${console_.base}/single-sign-on`);
    await page.getByText('Halden ID').waitFor();
    await check('');
    for (const [more, text] of [
      ['?step=app', 'What the provider has to send'],
      ['?step=client', 'Client secret'],
      ['?step=domains', 'Add the domain'],
      ['?step=test', 'This person would become'],
      ['?step=activate', 'Halden ID is active'],
      ['?tab=auto-provisioning', 'Default role'],
      ['?tab=certificates', 'Our keys'],
      ['?tab=traces', 'The last 500'],
      ['?tab=danger', 'Switch it off'],
    ] as const) {
      await page.goto(addressOf(oidc, more));
      await page.getByText(text).first().waitFor();
      await check(more);
    }
  });

  test('a connection is deactivated and removed, each with its consequence before the button', async () => {
    await page.goto(addressOf(oidc, '?tab=danger'));
    await page.getByRole('button', { name: 'Deactivate…' }).click();
    await page.getByText('sessions that began through it end').last().waitFor();
    await page.getByRole('button', { name: 'Deactivate Halden ID' }).click();
    await page.getByText('Halden ID was deactivated.').waitFor();
    await page.getByRole('button', { name: 'Remove…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove single sign-on' }).click();
    await page.waitForURL(`${console_.base}/single-sign-on`);
    await page.getByText('Halden ID', { exact: true }).waitFor({ state: 'detached' });
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
