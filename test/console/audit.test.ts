import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { accessibilityProblems, CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;
let jane: TestUser;

(CHROMIUM === undefined ? describe.skip : describe)('Audit', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    owner = await signInAsOwner(console_.rollcall, console_.organization);
    jane = await joins(console_.rollcall, owner, { email: 'jane.doe@halden.example', name: 'Jane Doe' });
    const { impactToken } = (await owner.get(`/users/${jane.id}/role-impact?role=train`)).body;
    await owner
      .put(`/users/${jane.id}/role`, { role: 'train', reason: 'Joins the pilot', impactToken })
      .expect(200);
    await owner.post('/groups', { name: 'Support Team' });
    await console_.rollcall.rollcall.sealEvents();
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  const table = () => page.getByRole('table', { name: 'Events, newest first' });
  const sentences = () => table().locator('tbody tr[aria-rowindex] td:nth-child(2) button').allTextContents();

  test('R107: a change reads as a sentence, and its row opens with the old value and the new one', async () => {
    await page.goto(`${console_.base}/audit?action=user.role_changed`);
    await table()
      .getByRole('button', { name: /changed the role of Jane Doe/ })
      .click();
    const panel = page.getByRole('complementary', { name: 'Event' });
    await panel.getByText('“Joins the pilot”', { exact: true }).waitFor();
    expect(await panel.locator('del').allTextContents()).toEqual(['readonly']);
    expect(await panel.locator('ins').allTextContents()).toEqual(['train']);
    await panel.getByRole('link', { name: 'Jane Doe' }).waitFor();
    await panel.getByText(/as part of seal \d+: any change to it would show/).waitFor();
    await panel.getByRole('button', { name: 'All of this request' }).click();
    await page.waitForURL(/requestId=/);
    await panel.waitFor({ state: 'detached' });
    expect(await sentences()).toEqual([expect.stringContaining('changed the role of Jane Doe')]);
  });

  test('filters stand in the address, and say together in one sentence what is shown', async () => {
    await page.goto(`${console_.base}/audit`);
    await page.getByRole('button', { name: 'About' }).click();
    await page.getByRole('combobox', { name: 'About whom' }).fill('Jane');
    await page.getByRole('option', { name: /Jane Doe/ }).click();
    await page.waitForURL(new RegExp(`about=${jane.id}`));
    await page.getByText('Everything about Jane Doe, newest first.').waitFor();
    await page.getByText('created the group Support Team').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Remove the filter by about' }).click();
    await page.getByText('created the group Support Team').waitFor();
  });

  test('words that name no one lead to the kinds of events that have them, and the filters of an open event share a line', async () => {
    await page.goto(`${console_.base}/audit`);
    await page.getByRole('searchbox').fill('role changes');
    await page.getByText('The search looks for names and addresses.').waitFor();
    await page.getByRole('button', { name: 'Show user.role_changed' }).click();
    await page.waitForURL(/[?&]action=user\.role_changed$/);
    await page.goto(`${console_.base}/audit`);
    await table()
      .getByRole('button', { name: /changed the role of Jane Doe/ })
      .click();
    await page.getByRole('complementary', { name: 'Event' }).waitFor();
    const [search, exports] = [
      await page.getByRole('searchbox').boundingBox(),
      await page.getByRole('button', { name: 'Export these' }).boundingBox(),
    ];
    expect(exports?.y).toBeLessThan((search?.y ?? 0) + (search?.height ?? 0));
  });

  test('what no request did says so, and not that its seal is missing', async () => {
    const { body } = await owner.get('/audit?limit=200').expect(200);
    const events = body.data as { id: string; requestId: string | null }[];
    const own = events.find(({ requestId }) => !/^[0-9a-f]{8}-/.test(requestId ?? ''));
    expect(own).toBeDefined();
    await page.goto(`${console_.base}/audit?open=${own?.id}`);
    const panel = page.getByRole('complementary', { name: 'Event' });
    await panel.getByText('It belongs to no request').waitFor();
    expect(await panel.getByRole('alert').count()).toBe(0);
    expect(await panel.getByRole('button', { name: 'All of this request' }).count()).toBe(0);
  });

  test('Last month is the calendar month before, in the time zone of the reader', async () => {
    const browser = await page.context().newCDPSession(page);
    await browser.send('Emulation.setTimezoneOverride', { timezoneId: 'Pacific/Auckland' });
    await page.goto(`${console_.base}/audit`);
    await page.getByRole('button', { name: 'When' }).click();
    await page.getByRole('button', { name: 'Last month' }).click();
    await page.waitForURL(/from=.*to=/);
    const { searchParams } = new URL(page.url());
    const inAuckland = new Intl.DateTimeFormat('en-CA', {
      timeZone: 'Pacific/Auckland',
      dateStyle: 'short',
      timeStyle: 'medium',
      hourCycle: 'h23',
    });
    const [today, from, to] = [Date.now(), searchParams.get('from') ?? '', searchParams.get('to') ?? ''].map(
      (at) => inAuckland.format(new Date(at)),
    ) as [string, string, string];
    const [year, month] = today.split('-').map(Number) as [number, number];
    const written = (at: number) => `${new Date(at).toISOString().slice(0, 8)}01, 00:00:00`;
    expect([from, to]).toEqual([written(Date.UTC(year, month - 2)), written(Date.UTC(year, month - 1))]);
    await browser.send('Emulation.setTimezoneOverride', { timezoneId: '' });
    await browser.detach();
  });

  test('the page of a person links to what is about them', async () => {
    await page.goto(`${console_.base}/audit?user=${jane.id}`);
    await page.getByText('Everything about Jane Doe, newest first.').waitFor();
    for (const sentence of await sentences()) expect(sentence).toContain('Jane Doe');
  });

  test('a name of an event that does not exist is refused in a sentence', async () => {
    await page.goto(`${console_.base}/audit?action=user.vanished`);
    await page.getByRole('alert').getByText('must be the name of an event').waitFor();
  });

  test('what is shown is exported as CSV, NDJSON or OCSF', async () => {
    await page.goto(`${console_.base}/audit?action=user.role_changed`);
    await page.getByRole('button', { name: 'Export these' }).click();
    expect(await page.getByRole('menuitem').allTextContents()).toEqual([
      'CSV, for spreadsheets',
      'NDJSON, one event a line',
      'OCSF, for a SIEM',
    ]);
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'CSV, for spreadsheets' }).click();
    const stream = await (await download).createReadStream();
    const text = Buffer.concat(await stream.toArray()).toString();
    expect(text).toContain('changed the role of Jane Doe');
    expect(text).not.toContain('Support Team');
    await page.getByText(/^audit-20\d\d-\d\d-\d\d\.csv was downloaded, [\d.]+ (bytes|kB)\.$/).waitFor();
  });

  test('an export says that it is being prepared, can be cancelled, and says why it failed', async () => {
    await page.goto(`${console_.base}/audit`);
    let answer = () => {};
    const waits = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/audit/export?*', async (route) => {
      await waits;
      await route.fulfill({
        status: 429,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code: 'too_many', detail: 'Too many exports run: try again in a minute.' }),
      });
    });
    const begin = async () => {
      await page.getByRole('button', { name: 'Export these' }).click();
      await page.getByRole('menuitem', { name: 'CSV, for spreadsheets' }).click();
      await page.getByText('The file is being prepared.').waitFor();
    };
    await begin();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('The file is being prepared.').waitFor({ state: 'detached' });
    await begin();
    answer();
    await page.getByText('Too many exports run: try again in a minute.').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.unroute('**/audit/export?*');
  });

  test('the seals are verified, and one that is not of this trail is not found', async () => {
    await page.goto(`${console_.base}/audit?tab=verification`);
    await page.getByRole('button', { name: 'Verify all seals' }).click();
    await page.getByText('Every sealed event is unchanged.').waitFor();
    await page.getByRole('textbox', { name: 'Digest' }).fill('0'.repeat(64));
    await page.getByRole('button', { name: 'Compare' }).click();
    const answer = await owner.get(`/audit/verify?seal=${'0'.repeat(64)}`);
    await page.getByText(answer.body.seal.sentence).waitFor();
  });

  test('a stream is added, paused and removed', async () => {
    await page.goto(`${console_.base}/audit?tab=streams`);
    await page.getByRole('button', { name: 'Add a stream' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add an audit stream' });
    await dialog.getByLabel('Name').fill('Splunk');
    await dialog.getByLabel('Host').fill('siem.halden.example');
    await dialog.getByRole('button', { name: 'Add the stream' }).click();
    await page.getByText('Splunk was added.').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Splunk was paused.').waitFor();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Remove…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove Splunk' }).click();
    await page.getByText('The audit trail is kept only here').waitFor();
  });

  test.each(['light', 'dark'] as const)(
    'axe finds nothing on the %s page, its panel and filters',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${console_.base}/audit`);
      await table()
        .getByRole('button', { name: /changed the role of Jane Doe/ })
        .click();
      await page.getByRole('complementary').getByText('Joins the pilot').first().waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'When' }).click();
      await page.getByRole('button', { name: 'The last 24 hours' }).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.goto(`${console_.base}/audit?tab=verification`);
      await page.getByRole('button', { name: 'Verify all seals' }).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
    },
  );

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
