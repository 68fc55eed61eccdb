import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { invitationToken, signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  accessibilityProblems,
  CHROMIUM,
  problemsInBothSchemes,
  startConsole,
  type TestConsole,
} from '../support/console.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;

(CHROMIUM === undefined ? describe.skip : describe)('Settings', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    owner = await signInAsOwner(console_.rollcall, console_.organization);
    await owner.post('/groups', { name: 'Support Team' });
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  const stored = async () => (await owner.get('/settings')).body.settings;

  test('a setting is saved by a button that names it, and Undo takes it back', async () => {
    await page.goto(`${console_.base}/settings?tab=access`);
    const before = (await stored()).elevationApproval;
    await page.getByLabel('configure needs an approval').click({ force: true });
    await page.getByRole('button', { name: 'Save the rules for approvals' }).click();
    await page.getByText('Saved the rules for approvals.').waitFor();
    expect((await stored()).elevationApproval).toEqual({ ...before, configure: !before.configure });
    const undone = page.waitForResponse((response) => response.request().method() === 'PATCH');
    await page.getByRole('button', { name: 'Undo' }).click();
    await undone;
    expect((await stored()).elevationApproval).toEqual(before);
  });

  test('a logo is chosen, looked at and saved; it stands in the menu and on the page of an invitation', async () => {
    const image = {
      name: 'logo.png',
      mimeType: 'image/png',
      buffer: Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
        'base64',
      ),
    };
    const menu = page.getByRole('navigation', { name: 'Main' });
    await page.goto(`${console_.base}/settings`);
    await page.getByText('There is no logo.').waitFor();
    const choose = async (file: typeof image) => {
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Choose an image' }).click();
      await (await chooser).setFiles(file);
    };
    await choose({ ...image, buffer: Buffer.from('<svg/>') });
    await page.getByRole('button', { name: 'Save the logo' }).click();
    await page.getByText('An SVG may hold scripts').waitFor();
    await page.getByRole('button', { name: 'Discard it' }).click();
    await choose(image);
    await page.getByRole('img', { name: 'The chosen logo' }).waitFor();
    expect(await menu.locator('img').count()).toBe(0);
    await page.getByRole('button', { name: 'Save the logo' }).click();
    await page.getByText('The logo was saved.').waitFor();
    await menu.locator('img').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect([colorScheme, await accessibilityProblems(page)]).toEqual([colorScheme, []]);
    }

    await owner.post('/invitations', { email: 'logo@halden.example' }).expect(201);
    const token = await invitationToken(console_.rollcall, 'logo@halden.example');
    const invitation = await console_.open(`/invite/${token}`);
    const drawn = await invitation
      .locator('img.logo')
      .evaluate((element) => (element as { naturalWidth?: number }).naturalWidth);
    expect(drawn).toBe(1);
    expect(await problemsInBothSchemes(invitation)).toEqual([]);
    await invitation.close();

    await page.getByRole('button', { name: 'Remove the logo' }).click();
    await page.getByText('The logo was removed.').waitFor();
    expect((await owner.get('/me')).body.organization.logo).toBeNull();
    await page.getByRole('button', { name: 'Undo' }).first().click();
    await menu.locator('img').waitFor();
  });

  test('R116: the items of the onboarding checklist are edited', async () => {
    await page.goto(`${console_.base}/settings`);
    await page.getByRole('button', { name: 'Add an item' }).click();
    const count = (await stored()).onboardingItems.length;
    await page.getByLabel(`Key of item ${count + 1}`).fill('A badge');
    await page.getByLabel(`Words of item ${count + 1}`).fill('Badge collected');
    await page.getByRole('button', { name: 'Save the onboarding items' }).click();
    await page.getByText('Use up to 40 lower-case letters').waitFor();
    await page.getByLabel(`Key of item ${count + 1}`).fill('badge');
    await page.getByLabel(`Words of item ${count + 1}`).fill('Badge collected');
    await page.getByRole('button', { name: 'Save the onboarding items' }).click();
    await page.getByText('Saved the onboarding items.').waitFor();
    expect((await stored()).onboardingItems.at(-1)).toEqual({ key: 'badge', label: 'Badge collected' });
  });

  test('what the server refuses stands beside the field, and nothing is saved', async () => {
    await page.goto(`${console_.base}/settings?tab=oversight`);
    await page.getByRole('combobox', { name: 'Addresses' }).fill('no address');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Save the seal recipients' }).click();
    await page.getByText('Invalid email format').waitFor();
    expect((await stored()).sealRecipients).toEqual([]);
    await page.getByRole('button', { name: 'Discard the changes' }).click();
    await page.getByText('no address').waitFor({ state: 'detached' });
  });

  test('the review schedule and the posture limits are set', async () => {
    await page.goto(`${console_.base}/settings?tab=oversight`);
    await page.getByLabel('Reviews open automatically').click({ force: true });
    await page.getByRole('button', { name: 'Save the review schedule' }).click();
    await page.getByText('Saved the review schedule.').waitFor();
    await page.getByLabel('Owners', { exact: true }).fill('2');
    await page.getByRole('button', { name: 'Save the limits' }).click();
    await page.getByText('Saved the limits.').waitFor();
    expect(await stored()).toMatchObject({ reviewSchedule: { enabled: true }, postureLimits: { owners: 2 } });
  });

  test('a topic of the mails gets a default, or is required', async () => {
    await page.goto(`${console_.base}/settings?tab=mails`);
    await page.getByLabel('Required: Locked accounts').check();
    await page.getByRole('button', { name: 'Save the email defaults' }).click();
    await page.getByText('Saved the email defaults.').waitFor();
    expect((await stored()).notificationsRequired).toEqual(['locked_out']);
  });

  test('R117: a job function says which role and groups come with it', async () => {
    await page.goto(`${console_.base}/settings?tab=job-functions`);
    await page.getByRole('button', { name: 'Add a job function' }).click();
    await page.getByLabel('Name').fill('Support agent');
    await page.getByLabel('Groups').first().fill('Support');
    await page.getByRole('option', { name: 'Support Team' }).click();
    await page.getByRole('button', { name: 'Save the job functions' }).click();
    await page.getByText('The job functions were saved.').waitFor();
    const { data } = (await owner.get('/job-functions')).body;
    expect(data).toMatchObject([
      { name: 'Support agent', role: 'readonly', groups: [{ name: 'Support Team' }] },
    ]);
  });

  test('a resource is registered', async () => {
    await page.goto(`${console_.base}/settings?tab=resources`);
    await page.getByRole('button', { name: 'Register a resource' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Register a resource' });
    await dialog.getByLabel('Name').fill('Invoice Agent');
    await dialog.getByRole('button', { name: 'Register the resource' }).click();
    await page.getByText('Invoice Agent was registered.').waitFor();
    await page.getByRole('table', { name: 'Resources' }).getByText('Invoice Agent').waitFor();
  });

  test.each(['light', 'dark'] as const)('axe finds nothing on the %s tabs', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    for (const [tab, seen] of [
      ['general', 'Badge collected'],
      ['access', 'Only owners grant admin'],
      ['oversight', 'Reviews open automatically'],
      ['mails', 'Locked accounts'],
      ['job-functions', 'Add a job function'],
      ['resources', 'Invoice Agent'],
    ] as const) {
      await page.goto(`${console_.base}/settings?tab=${tab}`);
      await page
        .getByText(seen)
        .or(page.locator(`input[value="${seen}"]`))
        .first()
        .waitFor();
      expect([tab, await accessibilityProblems(page)]).toEqual([tab, []]);
    }
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
