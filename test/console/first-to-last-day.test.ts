import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { reporterOf } from '../activity/report.ts';
import { invitationToken, signIn, type TestUser } from '../support/admin.ts';
import { CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';
import { OWNER_PASSWORD } from '../support/rollcall.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;
/** The page of the newcomer, in a browser of their own. */
let theirs: Page;

const EMAIL = 'nora@halden.example';
const PASSWORD = 'Blue-harbour-lantern-42';
const users = () => `${console_.base}/users`;
const row = () => page.getByRole('row', { name: new RegExp(EMAIL) });
const found = async () => (await owner.get(`/users?q=${EMAIL}`).expect(200)).body.data[0];
const openMenu = async (act: string) => {
  await page.goto(`${users()}?q=${EMAIL}`);
  await row()
    .getByRole('button', { name: /^Actions for / })
    .click();
  await page.getByRole('menuitem', { name: act }).click();
};
const invitationLink = async () =>
  `${console_.base}/invite/${await invitationToken(console_.rollcall, EMAIL)}`;

(CHROMIUM === undefined ? describe.skip : describe)('from the invitation to the last day', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    owner = await signIn(console_.rollcall.server, console_.organization.ownerEmail, OWNER_PASSWORD);
    await owner.post('/groups', { name: 'Support Team' }).expect(201);
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  test('R6, R7, R8, R118, R120: name and groups are optional, readonly is preselected of four roles, no group warns, and broad access asks why', async () => {
    await page.goto(`${users()}?invite=open`);
    const dialog = page.getByRole('dialog', { name: 'Invite users' });
    await dialog.getByLabel('Email').fill(EMAIL);
    await dialog.getByText('Without a group they have only what their role gives.').waitFor();
    const role = dialog.getByRole('combobox', { name: 'Role' });
    expect(await role.inputValue()).toBe('readonly (User)');
    await role.click();
    expect(await page.getByRole('option').allTextContents()).toEqual([
      'readonly (User)',
      'train (User)',
      'configure (Manager)',
      'admin (Admin)',
    ]);
    await page.getByRole('option', { name: 'admin (Admin)' }).click();
    await dialog.getByLabel('Reason').waitFor();
    await role.click();
    await page.getByRole('option', { name: 'train (User)' }).click();
    expect(await dialog.getByLabel('Reason').count()).toBe(0);
    await dialog.getByRole('combobox', { name: 'Groups' }).click();
    await page.getByRole('option', { name: 'Support Team' }).click();
    await page.keyboard.press('Escape');
    expect(await dialog.getByText('Without a group').count()).toBe(0);
    await dialog.getByRole('button', { name: 'Send invitation' }).click();
    await page.getByText(`${EMAIL} was invited.`).waitFor();
  });

  test('R20: an address that is here already is refused in the dialog, which keeps what was typed', async () => {
    await page.goto(`${users()}?invite=open`);
    const dialog = page.getByRole('dialog', { name: 'Invite users' });
    await dialog.getByLabel('Email').fill(EMAIL);
    await dialog.getByRole('button', { name: 'Send invitation' }).click();
    await dialog.getByText('Duplicate email').waitFor();
    await dialog.getByText(EMAIL).first().waitFor();
  });

  test('R63, R64, R137: the columns are those of the specification, and a search by email shows the status', async () => {
    await page.goto(`${users()}?q=${EMAIL}`);
    await row().getByText('Pending').waitFor();
    const headers = await page.getByRole('columnheader').allTextContents();
    for (const name of ['Name', 'Role', 'Groups', 'Last login', 'Status']) {
      expect(headers.map((header) => header.trim())).toContain(name);
    }
  });

  test('R13: Resend invite makes the link of the earlier mail invalid', async () => {
    const before = await invitationLink();
    await openMenu('Resend invite');
    await page.getByRole('dialog').getByRole('button', { name: 'Resend invite' }).click();
    await page.getByText(`The invitation to ${EMAIL} was sent again.`).waitFor();
    const visitor = await console_.open('/help');
    const answer = await visitor.goto(before);
    expect(answer?.status()).not.toBe(200);
    expect(await invitationLink()).not.toBe(before);
  });

  test('R17, R19: opening the link changes nothing; the button creates the account, with its role and group', async () => {
    theirs = await console_.open('/help');
    const link = await invitationLink();
    await theirs.goto(link);
    await theirs.goto(link);
    await theirs.getByRole('heading', { name: /invited you/ }).waitFor();
    expect((await found()).status).toBe('pending');
    await theirs.getByLabel('Name').fill('Nora Newcomer');
    await theirs.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await theirs.getByRole('button', { name: 'Create account' }).click();
    await theirs.waitForURL((url) => !url.pathname.startsWith('/invite'));
    const user = await found();
    expect(user).toMatchObject({ status: 'active', role: 'train', name: 'Nora Newcomer' });
    expect(user.groups.map(({ name }: { name: string }) => name)).toEqual(['Support Team']);
  });

  test('R136, R143: signing in with a wrong password names neither account nor password, and a password stays possible', async () => {
    theirs = await console_.open('/sign-in');
    const usePassword = theirs.getByRole('link', { name: 'Use a password instead' });
    if ((await usePassword.count()) > 0) await usePassword.click();
    const attempt = async (email: string, password: string) => {
      await theirs.getByLabel('Email').fill(email);
      await theirs.getByLabel('Password', { exact: true }).fill(password);
      await theirs.getByRole('button', { name: 'Sign in' }).click();
    };
    for (const email of [EMAIL, 'unknown@halden.example']) {
      await attempt(email, 'wrong');
      await theirs.getByText('Invalid email or password').waitFor();
    }
    await attempt(EMAIL, PASSWORD);
    await theirs.getByRole('navigation', { name: 'Main' }).waitFor();
  });

  test('R144: a page that a user may not open says so in one sentence', async () => {
    await theirs.goto(`${console_.base}/audit`);
    await theirs.getByText("You don't have permission to access this").first().waitFor();
    const places = theirs.getByRole('navigation', { name: 'Main' });
    expect(await places.getByRole('link', { name: 'Audit' }).count()).toBe(0);
  });

  test('R119: the security training is ticked off with who did it', async () => {
    const { id } = await found();
    await page.goto(`${users()}/${id}`);
    await page.getByRole('checkbox', { name: 'Security training completed' }).check();
    await page.waitForLoadState('networkidle');
    await page.reload();
    expect(await page.getByRole('checkbox', { name: 'Security training completed' }).isChecked()).toBe(true);
  });

  test('R103, R105, R106, R108: what they asked, opened and failed at stands on their page', async () => {
    const { id } = await found();
    const portal = await reporterOf(console_.rollcall, owner);
    const at = new Date().toISOString();
    const query = {
      id: randomUUID(),
      at,
      userId: id,
      type: 'query',
      agent: 'Support Agent',
      responseMs: 1_800,
    };
    const access = { id: randomUUID(), at, userId: id, type: 'resource_access', resource: 'Invoices 2026' };
    await portal.post('/activity/events', { events: [query, access] }).expect(202);
    await page.goto(`${users()}/${id}?tab=activity`);
    await page.getByText('Asked Support Agent (1.8s).').waitFor();
    const figure = (label: string) =>
      page.getByText(label, { exact: true }).locator('xpath=following-sibling::*[1]');
    expect(await figure('Failed Auth').textContent()).toBe('1');
    expect(await figure('Most Used Agent').textContent()).toBe('Support Agent');
    await page
      .getByText(/A sign-in as .* was refused/)
      .first()
      .waitFor();
  });

  test('R94: a user who was deleted softly is restored from the list', async () => {
    await openMenu('Delete…');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Your password').fill(OWNER_PASSWORD);
    await dialog.getByRole('button', { name: 'Confirm', exact: true }).click();
    await dialog.getByRole('button', { name: 'Delete Nora Newcomer' }).click();
    await page.getByText('Nora Newcomer was deleted.').waitFor();
    await page.goto(`${users()}?q=${EMAIL}&includeDeleted=true`);
    await row()
      .getByRole('button', { name: /^Actions for / })
      .click();
    await page.getByRole('menuitem', { name: 'Restore' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restore Nora Newcomer' }).click();
    await page.getByText('Nora Newcomer was restored.').waitFor();
  });

  test('R86, R142: Activate lets a deactivated user in again, and their keys only where that is ticked', async () => {
    const { id } = await found();
    const { body: impact } = await owner.get(`/users/${id}/role-impact?role=configure`).expect(200);
    await owner.put(`/users/${id}/role`, { role: 'configure', impactToken: impact.impactToken }).expect(200);
    const nora = await signIn(console_.rollcall.server, EMAIL, PASSWORD);
    await nora.post('/me/api-keys', { name: 'Script', scopes: ['agents:use'] }).expect(201);
    await openMenu('Deactivate…');
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate Nora Newcomer' }).click();
    await page.getByText('Nora Newcomer was deactivated.').waitFor();
    await page.goto(`${users()}/${id}`);
    await page.getByRole('button', { name: 'Activate' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Activate Nora Newcomer again?' });
    expect(await dialog.getByLabel('Re-enable 1 API key').isChecked()).toBe(false);
    await dialog.getByRole('button', { name: 'Activate Nora Newcomer' }).click();
    await page.getByText('Nora Newcomer is active again.').waitFor();
    expect((await found()).status).toBe('active');
  });

  test('R125: the data of a user is exported from their page', async () => {
    const { id } = await found();
    await page.goto(`${users()}/${id}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: /^Export/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Your password').fill(OWNER_PASSWORD);
    await dialog.getByRole('button', { name: 'Confirm', exact: true }).click();
    await dialog.getByRole('button', { name: /^Export/ }).click();
    await dialog.getByText('Export is being written…').waitFor();
    await console_.rollcall.rollcall.runDueJobsOnce();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Download the file' }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/\.zip$/);
  });

  test('R93: on the last day what they own goes to another user', async () => {
    const { id } = await found();
    await owner.post('/resources', { type: 'agent', name: 'Returns Agent', ownerId: id }).expect(201);
    await page.goto(`${users()}/${id}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Offboard…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Offboard Nora Newcomer?' });
    const heir = dialog.getByRole('combobox', { name: 'Hand over what they own to' });
    await dialog.getByText('1 resource, 0 service accounts').waitFor();
    await heir.fill(console_.organization.ownerEmail);
    await page.getByRole('option', { name: new RegExp(console_.organization.ownerEmail) }).click();
    await dialog.getByRole('button', { name: 'Offboard Nora Newcomer' }).click();
    await page.getByText('Nora Newcomer was offboarded.').waitFor();
    const { body } = await owner.get('/resources?type=agent').expect(200);
    expect(body.data).toMatchObject([{ name: 'Returns Agent', owner: { id: owner.id } }]);
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
