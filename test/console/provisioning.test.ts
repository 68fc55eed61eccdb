import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { signInAsOwner } from '../support/admin.ts';
import { accessibilityProblems, CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';
import { OWNER_PASSWORD } from '../support/rollcall.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let console_: TestConsole;
let page: Page;
let connection: string;
const people = new Map<string, string>();

const at = (tab = '', more = '') =>
  `${console_.base}/provisioning/${connection}${tab === '' ? '' : `?tab=${tab}${more}`}`;
const flush = () => console_.rollcall.rollcall.writeProvisioningLog();

async function provePassword(): Promise<void> {
  await page.getByLabel('Your password').fill(OWNER_PASSWORD);
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
  await page.getByRole('button', { name: 'Confirmed' }).waitFor();
}

(CHROMIUM === undefined ? describe.skip : describe)('Admin → Provisioning', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    connection = console_.organization.connection;
    for (const userName of ['jane@halden.example', 'kim@halden.example', 'ravi@halden.example']) {
      const { body } = await console_.organization
        .scim('POST', '/Users', {
          schemas: [USER],
          userName,
          emails: [{ value: userName, primary: true }],
          password: 'hunter-two',
        })
        .expect(201);
      people.set(userName, (body as { id: string }).id);
    }
    await console_.organization
      .scim('POST', '/Users', { schemas: [USER], userName: 'jane@halden.example', displayName: 'Again' })
      .expect(409);
    await flush();
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  test('the list shows how each connection is doing, and leads to its page', async () => {
    await page.goto(`${console_.base}/provisioning`);
    const row = page.getByRole('table', { name: 'Connections' }).getByRole('row').nth(1);
    await row.getByText('3 people, 0 groups').waitFor();
    await row.getByText('1 of 4').waitFor();
    await row.getByText('Working', { exact: true }).waitFor();
    await row.getByRole('link').click();
    await page.waitForURL(at());
    await page.getByText('people are provisioned').waitFor();
  });

  test('a connection is added and set up under the provider’s own labels, and its token is shown once', async () => {
    await page.goto(`${console_.base}/provisioning`);
    await page.getByRole('button', { name: 'Add a connection' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a connection' });
    await dialog.getByRole('combobox', { name: 'Identity provider' }).click();
    await page.getByRole('option', { name: 'Microsoft Entra ID' }).click();
    await dialog.getByRole('button', { name: 'Add the connection' }).click();
    await page.getByText('Waiting for the first request from Microsoft Entra ID').waitFor();
    const tenantUrl = page.locator('dl', { hasText: 'Tenant URL' }).locator('code');
    expect(await tenantUrl.last().textContent()).toMatch(/\/scim\/v2\/\?aadOptscim062020$/);

    await page.getByRole('button', { name: 'Issue a token' }).click();
    await provePassword();
    await page.getByRole('button', { name: 'Issue the token' }).click();
    const shown = page.getByRole('dialog', { name: 'A token for Microsoft Entra ID' });
    await shown.getByText('You won’t be able to see it again!').waitFor();
    const token = (await shown.locator('code').textContent()) ?? '';
    expect(token).toMatch(/^rollcall_scim_/);
    await shown.getByText('Secret Token').waitFor();
    await shown.getByRole('button', { name: 'I have copied the token' }).click();
    await page.getByText('1 token works already.').waitFor();
    expect(await page.content()).not.toContain(token);

    const answer = await fetch(`${console_.base}/scim/v2/Users?count=1`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(200);
    await flush();
    await page.reload();
    await page.getByText('Requests are arriving').waitFor();
  });

  test('the self-test answers what the provider sends, by keyboard, and says what is wrong', async () => {
    await page.goto(at('set-up', '&provider=entra'));
    const card = page.getByRole('region', { name: 'Self-test' });
    await card.getByRole('button', { name: 'Run the self-test' }).focus();
    await page.keyboard.press('Enter');
    await card.getByText('The self-test passed.').waitFor();
    const table = card.getByRole('table', { name: 'Requests of the self-test' });
    expect(await table.getByText('Passed', { exact: true }).count()).toBe(18);
    await table.getByRole('row', { name: /Create the person.*POST \/Users.*201/ }).waitFor();
    await card.getByText('which only this machine reaches').waitFor();

    await page.goto(at());
    await page.getByRole('switch', { name: 'Strict mode' }).click();
    await page.getByText('Strict mode is on.').waitFor();
    await page.goto(at('set-up', '&provider=entra'));
    await card.getByRole('button', { name: 'Run the self-test' }).click();
    await card.getByText('The self-test failed.').waitFor();
    await table.getByText('turn strict mode off').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect([colorScheme, await accessibilityProblems(page)]).toEqual([colorScheme, []]);
    }
    await page.goto(at());
    await page.getByRole('switch', { name: 'Strict mode' }).click();
    await page.getByText('Strict mode is off.').waitFor();
  });

  test('a token is rotated with an overlap, and the one before is revoked', async () => {
    await page.goto(at('tokens'));
    const table = page.getByRole('table', { name: /^Tokens of/ });
    await table.getByRole('button', { name: /^Rotate/ }).click();
    await page.getByRole('combobox', { name: 'The previous token keeps working' }).click();
    await page.getByRole('option', { name: 'for 3 days' }).click();
    await provePassword();
    await page.getByRole('button', { name: 'Rotate the token' }).click();
    await page.getByText('The previous token keeps working until').waitFor();
    await page.getByRole('button', { name: 'I have copied the token' }).click();
    await table.getByText('in 3 d').or(table.getByText('in 2 d')).waitFor();
    await table
      .getByRole('button', { name: /^Revoke/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Revoke the token' }).click();
    await table.getByText('Revoked').waitFor();
  });

  test('the log has a failed request with its meaning, remedy and masked body, and says why it cannot be replayed', async () => {
    await page.goto(at('log'));
    await page.getByRole('radiogroup', { name: 'Which requests' }).getByText('Errors').click();
    await page.waitForURL(/status=error/);
    await page.getByRole('button', { name: 'POST /Users' }).first().click();
    const panel = page.getByRole('complementary', { name: 'Request' });
    await panel.getByText('Another user of this organization has the same userName.').waitFor();
    await panel.getByText('Find the user with this userName').waitFor();
    await panel.getByRole('region', { name: 'Request' }).getByText('"displayName"').waitFor();
    await panel.getByRole('button', { name: 'Replay this request' }).click();
    await panel.getByText('It failed again (409).').waitFor();
    await page.keyboard.press('Escape');

    await page.goto(at('log', '&status=success'));
    await page.getByRole('button', { name: 'POST /Users' }).first().click();
    await panel.getByRole('region', { name: 'Request' }).getByText('masked', { exact: true }).waitFor();
    expect(await panel.textContent()).not.toContain('hunter-two');
    const replay = panel.getByRole('button', { name: 'Replay this request' });
    expect(await replay.getAttribute('aria-disabled')).toBe('true');
    await panel.getByText('This request succeeded: there is nothing to replay.').first().waitFor();
  });

  test('the log is live: a request appears by itself', async () => {
    await page.goto(at('log', '&method=GET'));
    await page.getByText('No request matches').waitFor();
    await console_.organization.scim('GET', '/Users?count=1').expect(200);
    await flush();
    await page.getByText('Searched users').waitFor();
  });

  test('R153: a role source says beforehand whose role it changes; a role that the directory sent is mapped in the log, and the request is replayed', async () => {
    await page.goto(at());
    await page.getByRole('combobox', { name: 'Role source' }).click();
    await page.getByRole('option', { name: /scim_roles/ }).click();
    const asked = page.getByRole('dialog', { name: /role source/ });
    await asked.getByText('No one’s role would change. Nothing was saved.').waitFor();
    await asked.getByText(/The directory has sent no role for \d+ people/).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await asked.getByRole('button', { name: 'Change the role source' }).click();
    await page.getByText('The role source was changed.').waitFor();
    await new Promise((passed) => setTimeout(passed, 1_100));
    const jane = people.get('jane@halden.example');
    await console_.organization
      .scim('PATCH', `/Users/${jane}`, {
        schemas: [PATCH],
        Operations: [{ op: 'replace', path: 'roles', value: [{ value: 'Manager' }] }],
      })
      .expect(400);
    await flush();
    await page.goto(at('log', '&status=error&method=PATCH'));
    await page.getByRole('table', { name: 'Requests' }).getByRole('button').first().click();
    const panel = page.getByRole('complementary', { name: 'Request' });
    await panel.getByRole('combobox', { name: 'What Manager means here' }).click();
    await page.getByRole('option', { name: 'configure' }).click();
    await panel.getByRole('button', { name: 'Save the mapping and replay' }).click();
    await panel.getByText('The mapping was saved, and the request succeeded').waitFor();
  });

  test('the first sync runs dry: what would happen is counted, and nothing is written', async () => {
    await page.goto(at('set-up'));
    await page.getByLabel('Write nothing yet').click();
    await page.getByText('Nothing is written').waitFor();
    await new Promise((passed) => setTimeout(passed, 1_100));
    const dry = { schemas: [USER], userName: 'dry@halden.example' };
    await console_.organization.scim('POST', '/Users', dry);
    await flush();
    const card = page.getByRole('region', { name: 'First sync, as a dry run' });
    await card.getByText('1', { exact: true }).first().waitFor();
    await page.getByLabel('Write nothing yet').click();
    await page.getByText('Nothing is written').waitFor({ state: 'detached' });
    const found = await console_.organization.scim('GET', '/Users?filter=userName eq "dry@halden.example"');
    expect((found.body as { totalResults: number }).totalResults).toBe(0);
  });

  test('R152: what a connection did is undone: preview by item, confirmation, result', async () => {
    for (const id of people.values()) {
      await console_.organization
        .scim('PATCH', `/Users/${id}`, {
          schemas: [PATCH],
          Operations: [{ op: 'replace', path: 'active', value: false }],
        })
        .expect(200);
    }
    await page.goto(at('undo'));
    await page.getByRole('combobox', { name: 'What it did in' }).click();
    await page.getByRole('option', { name: 'the last 15 minutes' }).click();
    await page.getByRole('button', { name: 'Show the preview' }).click();
    await page.getByText('This is a preview; nothing has changed yet.').waitFor();
    await page
      .getByRole('table', { name: 'Changes of the undo' })
      .getByText('jane@halden.example')
      .first()
      .waitFor();
    await page.getByLabel('Reason').fill('A wrong filter in Okta');
    await provePassword();
    await page.getByRole('button', { name: /^Undo \d+ changes?$/ }).click();
    await page.getByText('The undo is running').or(page.getByText('The undo is done')).first().waitFor();
    await console_.rollcall.rollcall.runDueJobsOnce();
    await page.getByText('The undo is done').waitFor();
    await page.getByRole('button', { name: 'Back to the undos' }).click();
    await page.getByText(/undone$/).waitFor();
  });

  test('a connection is removed with what stays and what stops, and its people are released', async () => {
    const owner = await signInAsOwner(console_.rollcall, console_.organization);
    const name = 'Leaving';
    const { id } = (await owner.post('/scim/connections', { name })).body;
    await page.goto(`${console_.base}/provisioning/${id}`);
    await page.getByRole('button', { name: 'Remove…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove Leaving?' });
    await dialog.getByText('0 people and 0 groups stay with their memberships and roles').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await dialog.getByRole('button', { name: 'Remove Leaving' }).isDisabled()).toBe(true);
    await provePassword();
    await dialog.getByRole('button', { name: 'Remove Leaving' }).click();
    await page.getByText('Leaving was removed. Its people and groups are being released.').waitFor();
    await page.getByRole('heading', { name: 'Provisioning' }).waitFor();
    expect((await owner.get(`/scim/connections/${id}`)).status).toBe(404);
  });

  test('axe finds nothing on the pages, light and dark', async () => {
    const check = async (where: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect([where, colorScheme, await accessibilityProblems(page)]).toEqual([where, colorScheme, []]);
      }
    };
    await page.goto(`${console_.base}/provisioning`);
    await page.getByText('people, ').first().waitFor();
    await check('list');
    for (const [tab, text] of [
      ['', 'Strict mode'],
      ['set-up', 'Assign one test person first'],
      ['tokens', 'Revoked'],
      ['log', 'Searched users'],
      ['undo', 'Earlier undos'],
    ] as const) {
      await page.goto(at(tab));
      await page.getByText(text).first().waitFor();
      await check(tab);
    }
    await page.goto(at('log', '&status=error'));
    await page.getByRole('table', { name: 'Requests' }).getByRole('button').first().click();
    await page.getByRole('complementary').getByText('What to do').waitFor();
    await check('request');
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
