import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';

let console_: TestConsole;
let page: Page;

const PLACES = ['/', '/users', '/groups', '/reviews', '/audit', '/alerts', '/posture', '/settings', '/jobs'];

const afterwards = () => page.unroute('**/api/v1/**');

(CHROMIUM === undefined ? describe.skip : describe)('a server that is slow, fails or is away', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  test('each page says that it waits, and no longer once the answer is there', async () => {
    for (const place of PLACES) {
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await page.route('**/api/v1/**', async (route) => {
        await held;
        await route.continue().catch(() => {});
      });
      await page.goto(console_.base + place, { waitUntil: 'commit' });
      await page.getByText('Loading…').first().waitFor();
      release();
      await page.getByText('Loading…').first().waitFor({ state: 'detached' });
      await page.getByRole('heading', { level: 1 }).waitFor();
      await afterwards();
    }
  });

  test('a list that fails says so with the number of the request, and is asked for again by a button', async () => {
    await page.route('**/api/v1/groups?*', (route) =>
      route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        body: JSON.stringify({ detail: 'Something went wrong here.', requestId: 'number-to-quote' }),
      }),
    );
    await page.goto(`${console_.base}/groups`);
    const failure = page.getByRole('alert');
    await failure.getByText('Something went wrong here.').waitFor();
    await failure.getByText('Request number-to-quote').waitFor();
    await afterwards();
    await page.unroute('**/api/v1/groups?*');
    await failure.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('No groups yet').waitFor();
  });

  test('what was typed is still there after a change that got no answer, and is sent by the same button', async () => {
    await page.goto(`${console_.base}/groups`);
    await page.getByRole('button', { name: 'Create group' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Create group' });
    await dialog.getByLabel('Name').fill('Night shift');
    await dialog.getByLabel('Description').fill('Who is there from 22:00 on');
    await page.route('**/api/v1/groups', (route) => route.abort());
    await dialog.getByRole('button', { name: 'Create group' }).click();
    await dialog.getByText('The server does not answer. Check your connection, then try again.').waitFor();
    expect(await dialog.getByLabel('Name').inputValue()).toBe('Night shift');
    expect(await dialog.getByLabel('Description').inputValue()).toBe('Who is there from 22:00 on');
    await page.unroute('**/api/v1/groups');
    await dialog.getByRole('button', { name: 'Create group' }).click();
    await page.getByRole('heading', { name: 'Night shift' }).waitFor();
  });

  test('without a network a page says so instead of waiting for one', async () => {
    await page.goto(`${console_.base}/posture`);
    await page.getByRole('rowheader', { name: 'Owners' }).waitFor();
    await page.context().setOffline(true);
    try {
      await page.getByRole('link', { name: 'Groups', exact: true }).click();
      await page
        .getByText(/The server does not answer|did not arrive/)
        .first()
        .waitFor({ timeout: 30_000 });
    } finally {
      await page.context().setOffline(false);
    }
  });
});
