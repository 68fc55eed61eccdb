import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { accessibilityProblems, CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';
import { OWNER_PASSWORD } from '../support/rollcall.ts';

let console_: TestConsole;
let page: Page;

const FILE = [
  'email,name,role,groups',
  'john@company.com,John Doe,train,',
  'bob.halden,Bob,train,',
  'eve@company.com,Eve,Manager,',
  'kim@company.com,Kim,train,Nowhere',
  'john@company.com,John again,readonly,',
].join('\n');

(CHROMIUM === undefined ? describe.skip : describe)('importing users', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  test('R21, R22: Import opens the import, with the template to download', async () => {
    await page.goto(`${console_.base}/users`);
    await page.getByRole('button', { name: 'Import' }).click();
    const template = page.getByRole('link', { name: 'Download the template' });
    expect(await template.getAttribute('href')).toBe('/api/v1/imports/template.csv');
  });

  test('R29, R30, R33, R36, R147: the preview counts, names each error first, and says how to fix it', async () => {
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'team.csv', mimeType: 'text/csv', buffer: Buffer.from(FILE) });
    await page.getByText('Nothing is changed yet').waitFor();
    const table = page.getByRole('table', { name: 'Rows of the file' });
    for (const [message, remedy] of [
      ['Invalid email format', 'it must have an @ and a domain'],
      ['Invalid role', 'in lower case'],
      ['Group not found', 'Create the group first'],
    ] as const) {
      await table.getByRole('row').filter({ hasText: message }).getByText(remedy).waitFor();
    }
    expect(await table.getByText('Add', { exact: true }).count()).toBe(0);
    await page.getByRole('radiogroup', { name: 'Which rows' }).getByText(/^All /).click();
    await table.getByText('Duplicate email').first().waitFor();
    await page.getByText('What the errors mean, and how to fix them').click();
    await page.getByRole('definition').getByText('in lower case').waitFor();
    expect(await page.getByRole('link', { name: 'Download error CSV' }).getAttribute('href')).toMatch(
      /errors\.csv$/,
    );
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('R34: for addresses that are here already, the row is skipped or its role updated', async () => {
    const policy = page.getByRole('radiogroup', { name: 'When the email already exists' });
    await policy.getByText('Update the role').click();
    await page.getByText('the role of people who are already here').waitFor();
    await policy.getByText('Skip the row').click();
    await page.getByText('the role of people who are already here').waitFor({ state: 'detached' });
  });

  test('R31, R32: Confirm import runs it, and a reload in between loses nothing', async () => {
    await page.reload();
    await page.getByRole('button', { name: 'Confirm import of 1 user' }).click();
    await page.getByText('The import has started.').waitFor();
    await console_.rollcall.rollcall.runDueJobsOnce();
    await page.getByText('1 user was imported.').waitFor();
    await page.reload();
    await page.getByRole('progressbar', { name: 'Progress of the import' }).waitFor();
    const imported = page.url();
    await page.goto(`${console_.base}/users?status=pending`);
    await page.getByText('john@company.com').waitFor();
    await page.goto(imported);
  });

  test('R152: an import is undone from its page, with the preview of that first', async () => {
    await page.getByRole('button', { name: 'Undo the import…' }).click();
    await page.getByRole('heading', { name: 'Undo this batch?' }).waitFor();
    await page.getByText('people whom it created are deleted').waitFor();
    await page
      .getByRole('table', { name: 'Changes of the undo' })
      .getByText('john@company.com')
      .first()
      .waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByLabel('Your password').fill(OWNER_PASSWORD);
    await page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await page.getByRole('button', { name: 'Undo 1 change' }).click();
    await page.getByRole('heading', { name: /^The undo is/ }).waitFor();
    await console_.rollcall.rollcall.runDueJobsOnce();
    await page.getByRole('heading', { name: 'The undo is done' }).waitFor();
    await page.getByRole('button', { name: 'Back to the import' }).click();
    await page.getByText('1 user was imported.').waitFor();
    await page.goto(`${console_.base}/users`);
    await page.getByRole('table').first().waitFor();
    expect(await page.getByText('john@company.com').count()).toBe(0);
    await page.goto(`${console_.base}/users/import`);
  });

  test('R28: a file of more than 1,000 rows is refused as a whole, in a sentence', async () => {
    const rows = Array.from({ length: 1_001 }, (_, at) => `p${at}@company.com,,readonly,`);
    const buffer = Buffer.from(['email,name,role,groups', ...rows].join('\n'));
    await page.goto(`${console_.base}/users/import`);
    await page.locator('input[type=file]').setInputFiles({ name: 'all.csv', mimeType: 'text/csv', buffer });
    await page.getByText(/max 1,000 per import/).waitFor();
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
