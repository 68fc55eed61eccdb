import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { accessibilityProblems, CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;
let jane: TestUser;
let before: string;

(CHROMIUM === undefined ? describe.skip : describe)('History and Activity', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    owner = await signInAsOwner(console_.rollcall, console_.organization);
    jane = await joins(console_.rollcall, owner, { email: 'jane.doe@halden.example', name: 'Jane Doe' });
    before = new Date().toISOString();
    const { impactToken } = (await owner.get(`/users/${jane.id}/role-impact?role=train`)).body;
    await owner
      .put(`/users/${jane.id}/role`, { role: 'train', reason: 'Joins the pilot', impactToken })
      .expect(200);
    await owner.post(`/users/${jane.id}/deactivate`, { reason: 'On leave' }).expect(200);
    const key = await owner.post('/me/api-keys', { name: 'Agents', scopes: ['activity:report'] });
    await reportQueries(key.body.token);
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  const reportQueries = async (token: string) => {
    const at = new Date(Date.now() - 60_000).toISOString();
    const event = { type: 'query', userId: jane.id, at, agent: 'Support Agent', responseMs: 1_200 };
    const events = [1, 2, 3].map((number) => ({
      id: `0192a000-0000-7000-8000-00000000000${number}`,
      ...event,
    }));
    const answer = await fetch(`${console_.base}/api/v1/activity/events`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ events }),
    });
    expect([answer.status, await answer.text()]).toEqual([202, expect.any(String)]);
  };

  test('R150: two dates are compared: who gained or lost what, old and new side by side, and why', async () => {
    await page.goto(`${console_.base}/history?from=${before}`);
    const rows = page.getByRole('table', { name: 'What differs between the two dates' }).getByRole('row');
    const row = rows.filter({ hasText: 'On leave' });
    await row.getByRole('link', { name: 'Jane Doe' }).waitFor();
    expect(await row.locator('del').allTextContents()).toEqual(['Active', 'readonly']);
    expect(await row.locator('ins').allTextContents()).toEqual(['Inactive', 'train']);
    const figures = page.getByLabel('What differs', { exact: true });
    await figures.getByText('gained a role').waitFor();
    expect(await figures.getByText('lost a role').count()).toBe(0);
    expect(await figures.getByText('0', { exact: true }).count()).toBe(0);
    await page.getByText('Complete since').waitFor();
  });

  test('R149: one moment shows everyone as they were then', async () => {
    await page.goto(`${console_.base}/history?mode=day&on=${before}`);
    const row = page.getByRole('row', { name: /Jane Doe/ });
    await row.waitFor();
    expect(await row.textContent()).toContain('readonly');
    expect(await row.textContent()).toContain('Active');
    await page.goto(`${console_.base}/history?mode=day`);
    await page
      .getByRole('row', { name: /Jane Doe/ })
      .getByText('Inactive')
      .waitFor();
  });

  test('a moment before history was kept is refused in a sentence', async () => {
    await page.goto(`${console_.base}/history?from=2020-01-01T00:00:00.000Z`);
    const refusal = page
      .getByRole('alert')
      .getByText(/^History is complete since \d+ \w+ \d{4}, \d\d:\d\d: /);
    await refusal.waitFor();
    expect(await page.getByRole('alert').count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  });

  test('R151: the bundle for an auditor is made in the background and downloaded', async () => {
    await page.goto(`${console_.base}/history?from=${before}`);
    await page.getByRole('button', { name: 'Auditor’s bundle' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make the bundle' }).click();
    await page.waitForURL(/bundle=[0-9a-f]{8}-/);
    await console_.rollcall.rollcall.runDueJobsOnce();
    await page.getByText(/It is ready, until/).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the bundle' }).click();
    const stream = await (await download).createReadStream();
    const content = Buffer.concat(await stream.toArray());
    expect(content.subarray(0, 2).toString()).toBe('PK');
  });

  test('R3, R109: activity is shown over time, by agent and person, with the audit trail, and filtered', async () => {
    await page.goto(`${console_.base}/activity`);
    await page
      .getByText(/^3 queries, at most 3 an hour \(.*\)\. The usual range is known after two weeks\.$/)
      .waitFor();
    await page.getByRole('table', { name: 'Most used agents' }).getByText('Support Agent').waitFor();
    await page.getByText(/deactivated Jane Doe/).waitFor();
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('menuitem', { name: 'Applications' }).click();
    await page.waitForURL(/source=application/);
    await page.getByText(/deactivated Jane Doe/).waitFor({ state: 'detached' });
    await page
      .getByText(/Support Agent.*\(1\.2s\)/)
      .first()
      .waitFor();
  });

  test.each(['light', 'dark'] as const)('axe finds nothing on the %s pages', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${console_.base}/history?from=${before}`);
    await page.getByText('“On leave”').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'As a table' }).click();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.goto(`${console_.base}/activity`);
    await page.getByText(/^3 queries/).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
