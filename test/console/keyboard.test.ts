import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';

let console_: TestConsole;
let page: Page;

const focused = () =>
  page.evaluate('document.activeElement.id || document.activeElement.textContent') as Promise<string>;

(CHROMIUM === undefined ? describe.skip : describe)('the keyboard alone', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  test('a page that a key opens begins at its content, and Enter presses the button that has the focus', async () => {
    await page.goto(`${console_.base}/`);
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('g');
    await page.getByRole('heading', { name: 'Groups', level: 1 }).waitFor();
    await page.waitForFunction(`document.activeElement.id === 'main'`);
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Create group');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Create group' }).waitFor();
  });

  test('a dialog gives the focus back to what opened it', async () => {
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.waitForFunction(`document.activeElement.textContent === 'Create group'`);
  });

  test('the newest message is said at once, however many are still there', async () => {
    for (const name of ['One', 'Two', 'Three', 'Four']) {
      await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Groups' }).click();
      await page.getByRole('button', { name: 'Create group' }).first().click();
      await page.getByRole('dialog', { name: 'Create group' }).getByLabel('Name').fill(name);
      await page.keyboard.press('Control+Enter');
      await page.getByText(`${name} was created.`).waitFor({ timeout: 3_000 });
    }
    expect(await page.locator('.mantine-Notification-root').count()).toBeLessThanOrEqual(3);
  });
});
