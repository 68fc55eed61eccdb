import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { signIn } from '../support/admin.ts';
import { accessibilityProblems, CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';
import { OWNER_PASSWORD } from '../support/rollcall.ts';

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

  test('R4, R5, R9, R11: Invite user opens the form, an address that is none says so, and who is invited is Pending', async () => {
    await page.goto(`${console_.base}/users`);
    await page.getByRole('button', { name: 'Invite user' }).click();
    const dialog = page.getByRole('dialog', { name: 'Invite users' });
    await dialog.getByLabel('Email').fill('bob.halden');
    await dialog.getByRole('button', { name: 'Send invitation' }).click();
    await dialog.getByText('Invalid email format').waitFor();
    await dialog.getByLabel('Email').press('Backspace');
    await dialog.getByLabel('Email').fill('bob@halden.example');
    await dialog.getByRole('button', { name: 'Send invitation' }).click();
    await page.getByText('bob@halden.example was invited.').waitFor();
    await page
      .getByRole('row', { name: /bob@halden.example/ })
      .getByText('Pending')
      .waitFor();
  });

  test('addresses are pasted as mail programs copy them, with names, each once', async () => {
    await page.goto(`${console_.base}/users?invite=open`);
    const dialog = page.getByRole('dialog', { name: 'Invite users' });
    await dialog.getByLabel('Email').focus();
    const text =
      '"Doe, Eve" <eve@halden.example>; Bob Smith <bob.smith@halden.example>,\nmailto:zed@halden.example eve@halden.example';
    await page.evaluate(`(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text', ${JSON.stringify(text)});
      document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    })()`);
    await dialog.getByRole('button', { name: 'Send 3 invitations' }).waitFor();
    for (const email of ['eve@halden.example', 'bob.smith@halden.example', 'zed@halden.example']) {
      await dialog.getByText(email, { exact: true }).waitFor();
    }
  });

  test('R65 to R70: filters combine in the address, and a badge sets one', async () => {
    await page.goto(`${console_.base}/users`);
    await page.getByTitle('Show only pending').click();
    await page.waitForURL(/status=pending/);
    await page.getByText('Jane Doe').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Remove the filter by status' }).click();
    await page.getByText('Jane Doe').waitFor();
    await page.goto(
      `${console_.base}/users?status=active&neverLoggedIn=true&lastLoginBefore=2020-01-01&q=jane`,
    );
    await page.getByText('No one matches').waitFor();
    await page.getByRole('button', { name: 'Remove the filter by last login before' }).click();
    await page.getByText('Jane Doe').waitFor();
  });

  test('R96: several users are selected and added to a group, with a result for each', async () => {
    const owner = await signIn(console_.rollcall.server, console_.organization.ownerEmail, OWNER_PASSWORD);
    await owner.post('/groups', { name: 'Pilot' }).expect(201);
    await page.goto(`${console_.base}/users`);
    await page.getByRole('checkbox', { name: 'Select Jane Doe' }).check();
    await page.getByRole('checkbox', { name: 'Select <b>Mark</b> Up' }).check();
    await page.getByRole('toolbar').getByRole('button', { name: 'Add to group' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add 2 people to groups?' });
    await dialog.getByRole('combobox', { name: 'Groups' }).click();
    await page.getByRole('option', { name: 'Pilot' }).click();
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: 'Add 2 people' }).click();
    await page.getByText('2 people were added.').waitFor();
    await page
      .getByRole('row', { name: /Jane Doe/ })
      .getByText('Pilot')
      .waitFor();
  });

  test('R127: who was inactive for 90 days is a view of its own, with one act for all of them', async () => {
    await page.goto(`${console_.base}/users`);
    await page.getByRole('button', { name: /^View:/ }).click();
    await page.getByRole('menuitem', { name: 'Inactive for 90 days' }).click();
    await page.waitForURL(/inactiveDays=90/);
    await page.getByText('No one matches').waitFor();
    await page.goto(`${console_.base}/users?status=pending`);
    await page.getByRole('checkbox', { name: /^Select bob/ }).check();
    await page
      .getByRole('toolbar')
      .getByRole('button', { name: /^Deactivate/ })
      .waitFor();
  });

  test('the list goes by keys: / searches, J and K move, Enter opens, Esc closes', async () => {
    await page.goto(`${console_.base}/users`);
    await page.getByText('Jane Doe').waitFor();
    await page.keyboard.press('/');
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe(
      'Search by name or email',
    );
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.waitForURL(/open=/);
    const first = page.url();
    await page.keyboard.press('j');
    await page.waitForURL((url) => url.href !== first);
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.search.includes('open='));
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('Enter in the search opens the first user that it finds, and once more their page', async () => {
    await page.goto(`${console_.base}/users`);
    await page.getByText('Jane Doe').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('mark');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: '<b>Mark</b> Up' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: '<b>Mark</b> Up' }).waitFor();
  });

  test('fields and groups that a directory owns are locked in the form, and it says where they are changed', async () => {
    const { body: users } = await console_.organization.scim('GET', '/Users?filter=userName sw "jane"');
    const jane = users.Resources[0].id;
    await console_.organization
      .scim('POST', '/Groups', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: 'Sales',
        members: [{ value: jane }],
      })
      .expect(201);
    await page.goto(`${console_.base}/users/${jane}?tab=profile`);
    await page.getByText('Change the fields with a lock in').waitFor();
    for (const label of ['Name', 'Title', 'Department']) {
      const field = page.getByLabel(label, { exact: true });
      expect([label, await field.isEditable()]).toEqual([label, false]);
    }
    expect(await page.getByRole('img', { name: /^Locked: This user is managed/ }).count()).toBeGreaterThan(3);
    const groups = page.getByRole('combobox', { name: 'Groups' });
    await page.getByText('Sales (managed by the directory)').waitFor();
    await page.getByText('The members of a directory’s groups are changed in the directory.').waitFor();
    await groups.focus();
    await groups.press('Backspace');
    await page.getByText('Sales (managed by the directory)').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: /^Groups/ }).click();
    await page.getByRole('img', { name: 'Change its members in the directory.' }).waitFor();
    expect(await page.getByRole('button', { name: 'Remove from Sales' }).count()).toBe(0);
  });

  test('the command palette finds people, pages and acts', async () => {
    await page.goto(`${console_.base}/`);
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('textbox', { name: 'Search people, groups and pages' }).fill('jane');
    await page.getByRole('dialog').getByText('Jane Doe').click();
    await page.getByRole('heading', { name: 'Jane Doe' }).waitFor();
    const field = page.getByRole('textbox', { name: 'Search people, groups and pages' });
    await page.keyboard.press('Control+k');
    await field.waitFor();
    await page.keyboard.press('Escape');
    await field.waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await field.waitFor();
    await page.mouse.click(5, 5);
    await field.waitFor({ state: 'detached' });
  });

  test('a user of the directory is left to it, unless an owner insists', async () => {
    await page.goto(`${console_.base}/users`);
    await page.getByRole('row', { name: /Jane Doe/ }).click({ position: { x: 600, y: 20 } });
    const panel = page.getByRole('complementary', { name: 'Jane Doe' });
    await panel.getByText('managed by your SCIM provider').first().waitFor();
    await panel.getByRole('button', { name: 'Deactivate' }).click();
    const dialog = page.getByRole('dialog', { name: 'Deactivate Jane Doe?' });
    const act = dialog.getByRole('button', { name: 'Deactivate Jane Doe' });
    expect(await act.isDisabled()).toBe(true);
    await dialog.getByLabel('Do it here even though the directory manages this user').check();
    expect(await act.isDisabled()).toBe(false);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  test('the menu of a row locks what is not possible, and says why', async () => {
    await page.goto(`${console_.base}/users`);
    await page
      .getByRole('row', { name: new RegExp(console_.organization.ownerEmail) })
      .getByRole('button', { name: /^Actions for / })
      .click();
    await page.getByText('You cannot change your own role, status or owner flag').waitFor();
    expect(await page.getByRole('menuitem', { name: 'Deactivate…' }).isDisabled()).toBe(true);
    expect(await page.getByRole('menuitem', { name: 'Add to group…' }).isDisabled()).toBe(false);
    await page.keyboard.press('Escape');
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

  test('at 390 pixels a message lies between the page and the bar, is swiped away, and gives its room back', async () => {
    const phone = await console_.signIn();
    await phone.setViewportSize({ width: 390, height: 844 });
    await phone.goto(`${console_.base}/components`);
    const box = async (locator: ReturnType<Page['locator']>) => {
      const { x, y, width, height } = (await locator.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
      return { x, top: y, bottom: y + height, middle: y + height / 2, width };
    };
    const [said, main] = [phone.getByRole('alert'), phone.getByRole('main')];
    const show = phone.getByRole('button', { name: 'Show one' });
    const height = (await box(main)).bottom;
    await show.click();
    const shown = await box(said);
    const bar = await box(phone.getByRole('navigation', { name: 'Most used' }));
    expect([bar.bottom, shown.bottom <= bar.top + 1]).toEqual([844, true]);
    expect((await box(main)).bottom).toBeLessThanOrEqual(shown.top + 1);
    expect((await box(main)).bottom).toBeLessThan(height);
    await phone.mouse.move(shown.x + 40, shown.middle);
    await phone.mouse.down();
    await phone.mouse.move(shown.x + 300, shown.middle, { steps: 6 });
    await phone.mouse.up();
    await said.waitFor({ state: 'detached', timeout: 3_000 });
    expect((await box(main)).bottom).toBe(height);
    await show.click();
    await said.getByRole('button', { name: 'Close' }).click();
    await said.waitFor({ state: 'detached', timeout: 3_000 });
  });

  test('without a session every page of the console leads to the sign-in page and back', async () => {
    const visitor = await console_.open('/users?status=active');
    expect(new URL(visitor.url()).pathname).toBe('/sign-in');
    expect(new URL(visitor.url()).searchParams.get('return_to')).toBe('/users?status=active');
  });

  test('the browser complains about nothing: no style, script or request that the policy refuses', () => {
    expect(console_.complaints).toEqual([]);
  });
});
