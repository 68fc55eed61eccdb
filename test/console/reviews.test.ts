import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { CHROMIUM, problemsInBothSchemes, startConsole, type TestConsole } from '../support/console.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;
let jane: TestUser;
let review: string;

(CHROMIUM === undefined ? describe.skip : describe)('Access reviews', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    const { rollcall, organization } = console_;
    owner = await signInAsOwner(rollcall, organization);
    jane = await joins(rollcall, owner, { name: 'Jane Doe', role: 'train' });
    for (const name of ['Mark Up', 'ليلى حداد']) await joins(rollcall, owner, { name });
    await joins(rollcall, owner, { name: 'Ada Admin', role: 'admin' });
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  const open = (path: string) => page.goto(`${console_.base}${path}`);
  const row = (name: string) => page.getByRole('row', { name: new RegExp(name) });
  const itemOf = async (name: string) =>
    (
      (await owner.get(`/reviews/${review}/items?limit=200`)).body.data as {
        subject: { name: string };
        decision: string | null;
        note: string | null;
      }[]
    ).find(({ subject }) => subject.name === name);

  test('R126: a review is started with scope, reviewers and a due date', async () => {
    await open('/reviews');
    await page.getByRole('button', { name: 'Start a review' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Start a review' });
    await dialog.getByRole('textbox', { name: 'Title' }).fill('Fourth quarter');
    await dialog.getByRole('combobox', { name: 'Who decides' }).click();
    await page.getByRole('option', { name: 'The owners' }).click();
    await dialog.getByRole('button', { name: 'Start the review' }).click();
    await page.getByRole('heading', { level: 1, name: 'Fourth quarter' }).waitFor();
    review = new URL(page.url()).pathname.split('/').at(-1) as string;
    await console_.rollcall.rollcall.tendReviews();
    await row('Jane Doe').waitFor();
    await page.getByText('0 of 5 decided').waitFor();
  });

  test('R128: K keeps, the row stays in its place with the decision, and Z takes it back', async () => {
    await open(`/reviews/${review}`);
    await row('Jane Doe').click({ position: { x: 400, y: 20 } });
    const panel = page.getByRole('complementary', { name: 'Jane Doe' });
    await panel.getByText(/^Suggested:/).waitFor();
    const [search, keepAll] = [
      await page.getByRole('searchbox').boundingBox(),
      await page.getByRole('button', { name: /^Keep all/ }).boundingBox(),
    ];
    expect(keepAll?.y).toBeLessThan((search?.y ?? 0) + (search?.height ?? 0));
    await page.keyboard.press('k');
    await page.getByText('The access of Jane Doe was kept.').waitFor();
    await row('Jane Doe').getByText('Keep', { exact: true }).waitFor();
    await page.getByText('1 of 5 decided').waitFor();
    expect((await itemOf('Jane Doe'))?.decision).toBe('keep');
    await page.keyboard.press('z');
    await page.getByText('The decision about Jane Doe was undone.').waitFor();
    await page.getByText('0 of 5 decided').waitFor();
    expect((await itemOf('Jane Doe'))?.decision).toBeNull();
  });

  test('what is open and what of it is one’s own to decide are told apart, in the list and inside', async () => {
    await open('/reviews');
    await row('Fourth quarter').getByText('4 of 4 left').waitFor();
    await open(`/reviews/${review}`);
    await page.getByText('Yours to decide: 4 of 5 open').waitFor();
    await page.getByText('Open 5').waitFor();
    await open(`/reviews/${review}?mine=true`);
    await page.getByText('Open 4').waitFor();
  });

  test('R130: rights that were not used are counted in the row and listed in the panel', async () => {
    await open(`/reviews/${review}`);
    await page.getByRole('columnheader', { name: 'Rights unused' }).waitFor();
    await row('Jane Doe').click({ position: { x: 400, y: 20 } });
    await page
      .getByRole('complementary', { name: 'Jane Doe' })
      .getByText('Rights and their last use')
      .waitFor();
  });

  test('J opens the next item and Shift J the one before, and the overlay of keys says so', async () => {
    await open(`/reviews/${review}`);
    await row('Jane Doe').waitFor();
    for (const [key, expected] of [
      ['j', '1 of 5'],
      ['j', '2 of 5'],
      ['Shift+J', '1 of 5'],
    ] as const) {
      await page.keyboard.press(key);
      await page.getByRole('complementary').getByText(expected, { exact: true }).waitFor();
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Next; Shift J goes back').waitFor();
    await page.keyboard.press('Escape');
    expect((await itemOf('Jane Doe'))?.decision).toBeNull();
  });

  test('the arrows move, and N keeps with a note', async () => {
    await open(`/reviews/${review}?q=Mark`);
    await row('Mark Up').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('complementary', { name: 'Mark Up' }).waitFor();
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Note').fill('Starts in the support team');
    await dialog.getByLabel('Note').press('Control+Enter');
    await page.getByText('The access of Mark Up was kept.').waitFor();
    expect((await itemOf('Mark Up'))?.note).toBe('Starts in the support team');
  });

  test('R128: C changes the role at once', async () => {
    await open(`/reviews/${review}?q=Jane`);
    await row('Jane Doe').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('c');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'New role' }).click();
    await page.getByRole('option', { name: /^readonly/ }).click();
    await dialog.getByRole('button', { name: 'Change the role of Jane Doe' }).click();
    await row('Jane Doe').getByText('to readonly').waitFor();
    expect((await owner.get(`/users/${jane.id}`)).body.role).toBe('readonly');
  });

  test('D says what ends before it deactivates, and the decision is undone in the panel', async () => {
    await open(`/reviews/${review}?q=Ada`);
    await row('Ada Admin').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('d');
    const dialog = page.getByRole('dialog', { name: 'Deactivate Ada Admin?' });
    await dialog.getByText('They can no longer sign in').waitFor();
    await dialog.getByRole('button', { name: 'Deactivate Ada Admin' }).click();
    await row('Ada Admin').getByText('Deactivated').waitFor();
    await page.getByRole('button', { name: 'Undo the decision' }).click();
    await row('Ada Admin').getByText('Open', { exact: true }).waitFor();
  });

  test('what is about oneself is locked and says why', async () => {
    await open(`/reviews/${review}?q=owner`);
    const { data } = (await owner.get(`/reviews/${review}/items?limit=200`)).body;
    const own = (data as { id: string; mayDecide: boolean }[]).find(({ mayDecide }) => !mayDecide);
    await open(`/reviews/${review}?open=${own?.id}`);
    await page.getByText('You cannot review your own access').first().waitFor();
    expect(await page.getByRole('button', { name: /^Keep You/ }).getAttribute('aria-disabled')).toBe('true');
  });

  test('all of a low risk are kept together', async () => {
    await open(`/reviews/${review}`);
    await page.getByRole('button', { name: /^Keep all \d+ low risk$/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /^Keep all/ }).click();
    await page.getByText(/(item was|items were) decided\.$/).waitFor();
    expect((await itemOf('ليلى حداد'))?.decision).toBe('keep');
  });

  test('R126: reviewers are listed with what is left, and reminded', async () => {
    await open(`/reviews/${review}`);
    await page.getByRole('button', { name: 'Reviewers' }).click();
    const dialog = page.getByRole('dialog', { name: 'Reviewers' });
    await dialog.getByRole('list', { name: 'Reviewers' }).getByRole('listitem').first().waitFor();
    const remind = dialog.getByRole('button', { name: 'Remind the reviewers' });
    if (await remind.isDisabled()) throw new Error('Nothing is left of which a reviewer could be reminded.');
    await remind.click();
    await page.getByText(/(reviewer was|reviewers were) reminded\.$/).waitFor();
  });

  test('the report is a file, and the evidence for auditors is made and handed out', async () => {
    await open(`/reviews/${review}`);
    await page.getByRole('button', { name: 'Report' }).click();
    const [report] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Download the report as CSV' }).click(),
    ]);
    expect(report.suggestedFilename()).toMatch(/^report-of-fourth-quarter-20\d\d-\d\d-\d\d\.csv$/);
    await page.getByRole('button', { name: 'Report' }).click();
    await page.getByRole('menuitem', { name: 'Evidence for auditors…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Evidence for auditors' });
    await dialog.getByRole('button', { name: 'Make the bundle' }).click();
    await dialog.getByRole('progressbar').waitFor();
    await console_.rollcall.rollcall.runDueJobsOnce();
    const button = dialog.getByRole('button', { name: 'Download the bundle' });
    await button.waitFor();
    const [bundle] = await Promise.all([page.waitForEvent('download'), button.click()]);
    expect(bundle.suggestedFilename()).toMatch(/\.zip$/);
  });

  test('axe finds nothing on the pages of reviews, light and dark', async () => {
    await open('/reviews');
    await page.getByRole('link', { name: 'Fourth quarter' }).waitFor();
    expect(await problemsInBothSchemes(page)).toEqual([]);
    await open(`/reviews/${review}?show=all`);
    await row('Jane Doe').click({ position: { x: 400, y: 20 } });
    await page.getByText(/^Suggested:/).waitFor();
    expect(await problemsInBothSchemes(page)).toEqual([]);
    await open('/reviews?start=open');
    await page.getByRole('dialog').waitFor();
    expect(await problemsInBothSchemes(page)).toEqual([]);
  });

  test('closing says what becomes of the undecided, and nothing can be decided afterwards', async () => {
    await open(`/reviews/${review}?show=all`);
    await page.getByRole('button', { name: 'Close review' }).click();
    const dialog = page.getByRole('dialog', { name: 'Close Fourth quarter?' });
    await dialog
      .getByText(/undecided|All 5 items are decided/)
      .first()
      .waitFor();
    await dialog.getByRole('button', { name: 'Close the review' }).click();
    await page.getByText('Fourth quarter was closed.').waitFor();
    await row('Jane Doe').click({ position: { x: 400, y: 20 } });
    expect(await page.getByRole('button', { name: 'Undo the decision' }).count()).toBe(0);
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
