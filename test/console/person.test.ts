import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { TestUser } from '../support/admin.ts';
import { accessibilityProblems, CHROMIUM, type TestConsole } from '../support/console.ts';
import { type PersonPages, startPersonPages } from '../support/person-page.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;
let addUser: PersonPages['addUser'];
let open: PersonPages['open'];

(CHROMIUM === undefined ? describe.skip : describe)('the page of a person', () => {
  beforeAll(async () => {
    ({ console: console_, page, owner, addUser, open } = await startPersonPages());
  });
  afterAll(() => console_?.close());

  test('R71, R72, R77: name, role and groups are changed in one form, saved with Save changes', async () => {
    const id = await addUser('Ada Lovelace');
    await open(id);
    await page.getByLabel('Name').fill('Ada King');
    await page.getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: /^configure/ }).click();
    await page.getByText('becomes').waitFor();
    await page.getByLabel('Notify them by email').check();
    await page.getByLabel('Reason').fill('Runs the team now');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('The changes were saved.').waitFor();
    const { body } = await owner.get(`/users/${id}`).expect(200);
    expect([body.name, body.role]).toEqual(['Ada King', 'configure']);
  });

  test('what was typed and not saved is not lost with another tab, unless one says so', async () => {
    const id = await addUser('Rosalind Franklin');
    await open(id);
    await page.getByLabel('Name', { exact: true }).fill('Rosalind E. Franklin');
    await page.getByRole('tab', { name: 'Access' }).click();
    const dialog = page.getByRole('dialog', { name: 'Leave without saving?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Rosalind E. Franklin');
    await page.getByRole('tab', { name: 'Access' }).click();
    await dialog.getByRole('button', { name: 'Discard the changes' }).click();
    await page.getByText('Why can’t they…?').waitFor();
    expect((await owner.get(`/users/${id}`)).body.name).toBe('Rosalind Franklin');
  });

  test('two administrators at one person: the second is told, and keeps what was typed', async () => {
    const id = await addUser('Grace Hopper');
    await open(id);
    await page.getByLabel('Name').fill('Grace Murray');
    await owner.patch(`/users/${id}`, { name: 'Grace B. Hopper' }).expect(200);
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Changed in the meantime').waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('Grace Murray');
    await page.getByRole('button', { name: 'Show what is stored now' }).click();
    expect(await page.getByLabel('Name').inputValue()).toBe('Grace B. Hopper');
    expect((await owner.get(`/users/${id}`)).body.name).toBe('Grace B. Hopper');
  });

  test('an act beside the form shows in it what is stored now, if nothing was typed', async () => {
    const id = await addUser('Hedy Lamarr');
    await open(id);
    await page.getByRole('button', { name: 'Deactivate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate Hedy Lamarr' }).click();
    await page.getByText('Hedy Lamarr was deactivated.').waitFor();
    await page.locator('form').getByRole('combobox', { name: 'Status' }).waitFor();
    await page.waitForFunction(
      `[...document.querySelectorAll('form input')].some((field) => field.value === 'Inactive')`,
    );
    expect(await page.getByText('Changed in the meantime').count()).toBe(0);
  });

  test('R100, R104, R149: Activity has the dashboard, and History each change with its cause', async () => {
    const id = await addUser('Katherine Johnson');
    await open(id, 'activity');
    for (const label of [
      'Last Login',
      'Queries (24h)',
      'Most Used Agent',
      'Avg Response Time',
      'Failed Auth',
    ]) {
      await page.getByText(label, { exact: true }).waitFor();
    }
    for (const below of ['No sign-in yet', '0 the day before', 'No query in 30 days', 'Last 24 h']) {
      await page.getByText(below, { exact: true }).waitFor();
    }
    await open(id, 'history');
    await page.getByText('What changed').waitFor();
  });

  test.each(['light', 'dark'] as const)('axe finds nothing on any tab in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const { body } = await owner.get('/users?q=ada').expect(200);
    for (const tab of ['profile', 'groups', 'access', 'security', 'activity', 'history']) {
      await open(body.data[0].id, tab);
      await page.getByRole('tab', { selected: true }).waitFor();
      await page.waitForLoadState('networkidle');
      expect([tab, await accessibilityProblems(page)]).toEqual([tab, []]);
    }
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
