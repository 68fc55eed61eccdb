import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { accessibilityProblems, CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';

let console_: TestConsole;
let page: Page;

(CHROMIUM === undefined ? describe.skip : describe)('Admin → Users', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    const people = [
      ['jane@halden.example', 'Jane Doe'],
      ['layla@halden.example', 'ليلى حداد'],
      ['mark@halden.example', '<b>Mark</b> Up'],
    ];
    for (const [userName, displayName] of people) {
      await console_.organization
        .scim('POST', '/Users', {
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
          userName,
          displayName,
          emails: [{ value: userName, primary: true }],
        })
        .expect(201);
    }
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  test('R1, R2: the page Users lists everyone with role and status, names as they were written', async () => {
    await page.goto(`${console_.base}/users`);
    const table = page.getByRole('table', { name: 'Users' });
    await table.getByText('Jane Doe').waitFor();
    expect(await table.getByRole('link').allTextContents()).toEqual(
      expect.arrayContaining(['Jane Doe', 'ليلى حداد', '<b>Mark</b> Up']),
    );
    expect(await page.title()).toBe('Users · Rollcall');
  });

  test('R4, R5: Invite people opens the form, and an address that is none says so', async () => {
    await page.goto(`${console_.base}/users`);
    await page.getByRole('button', { name: 'Invite people' }).click();
    const dialog = page.getByRole('dialog', { name: 'Invite people' });
    await dialog.getByLabel('Email').fill('bob.halden');
    await dialog.getByRole('button', { name: 'Send the invitation' }).click();
    await dialog.getByText('Invalid email format').waitFor();
    await dialog.getByLabel('Email').press('Backspace');
    await dialog.getByLabel('Email').fill('bob@halden.example');
    await dialog.getByRole('button', { name: 'Send the invitation' }).click();
    await page.getByText('bob@halden.example was invited.').waitFor();
    await page.getByRole('table').getByText('bob@halden.example').waitFor();
  });

  test('a filter stands in the address, and a badge sets it', async () => {
    await page.goto(`${console_.base}/users`);
    await page.getByTitle('Show only pending').click();
    await page.waitForURL(/status=pending/);
    await page.getByText('Jane Doe').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Remove the filter by status' }).click();
    await page.getByText('Jane Doe').waitFor();
  });

  test('a user of the directory has locked acts that say why', async () => {
    await page.goto(`${console_.base}/users`);
    await page.getByRole('row', { name: /Jane Doe/ }).click({ position: { x: 600, y: 20 } });
    const panel = page.getByRole('complementary', { name: 'Jane Doe' });
    const button = panel.getByRole('button', { name: 'Deactivate' });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await panel.getByText('managed by your SCIM provider').first().waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  test.each(['light', 'dark'] as const)(
    'axe finds nothing on the %s page, its panel and its dialog',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${console_.base}/users`);
      await page.getByText('Jane Doe').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.getByRole('row', { name: /Jane Doe/ }).click({ position: { x: 600, y: 20 } });
      await page.getByRole('complementary').getByText('Recent activity').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.goto(`${console_.base}/users?invite=open`);
      await page.getByRole('dialog').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
    },
  );

  test('without a session every page of the console leads to the sign-in page and back', async () => {
    const visitor = await console_.open('/users?status=active');
    expect(new URL(visitor.url()).pathname).toBe('/sign-in');
    expect(new URL(visitor.url()).searchParams.get('return_to')).toBe('/users?status=active');
  });

  test('the browser complains about nothing: no style, script or request that the policy refuses', () => {
    expect(console_.complaints).toEqual([]);
  });
});
