import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { TestUser } from '../support/admin.ts';
import { CHROMIUM, type TestConsole } from '../support/console.ts';
import { type PersonPages, startPersonPages } from '../support/person-page.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;
let addUser: PersonPages['addUser'];
let open: PersonPages['open'];

(CHROMIUM === undefined ? describe.skip : describe)('the role, groups and access of a person', () => {
  beforeAll(async () => {
    ({ console: console_, page, owner, addUser, open } = await startPersonPages());
  });
  afterAll(() => console_?.close());

  test('R73, R74: Change role shows what is gained and lost before it is saved, and can be undone', async () => {
    const id = await addUser('Alan Turing', 'configure');
    await open(id);
    await page.getByRole('button', { name: 'Change role' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change the role of Alan Turing' });
    await dialog.getByRole('radio').first().and(page.locator(':focus')).waitFor();
    await dialog.getByRole('radio', { name: /^train/ }).click();
    await dialog.getByText('Loses:').waitFor();
    await dialog.getByRole('button', { name: 'Make Alan Turing train' }).click();
    await page.getByText('Alan Turing is train now.').waitFor();
    await page.getByRole('button', { name: /^Undo/ }).click();
    await page.getByText('configure Manager').or(page.getByText('configureManager')).first().waitFor();
    expect((await owner.get(`/users/${id}`)).body.role).toBe('configure');
  });

  test('single keys act on a page whose fields have lists of options: W opens Access, E changes the role', async () => {
    await open(await addUser('Ada Byron'), 'profile');
    await page.getByRole('combobox', { name: 'Role' }).waitFor();
    await page.keyboard.press('w');
    await page.getByRole('tab', { name: 'Access', selected: true }).waitFor();
    await page.keyboard.press('e');
    await page.getByRole('dialog', { name: 'Change the role of Ada Byron' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const about = page.getByRole('combobox', { name: 'May they' });
    await about.click();
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('e');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.keyboard.press('Escape');
  });

  test('R95, R97: Groups has Add to group, and an X that asks before it removes', async () => {
    const id = await addUser('Donald Knuth');
    await open(id, 'groups');
    await page.getByRole('button', { name: 'Add to group' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add Donald Knuth to groups' });
    await dialog.getByRole('combobox', { name: 'Groups' }).click();
    await page.getByRole('option', { name: 'Finance' }).click();
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: 'Add to 1 group' }).click();
    await page.getByRole('link', { name: 'Finance' }).waitFor();
    await page.getByRole('button', { name: 'Remove from Finance' }).click();
    await page
      .getByRole('dialog', { name: 'Remove Donald Knuth from Finance?' })
      .getByRole('button', { name: 'Remove from Finance' })
      .click();
    await page.getByText('Donald Knuth was removed from Finance.').waitFor();
    await page.getByText('In no group').waitFor();
  });

  test('R133, R146: Access says which role is in effect until when, and why something is not allowed', async () => {
    const id = await addUser('Margaret Hamilton');
    await owner
      .post(`/users/${id}/elevations`, { role: 'admin', durationMinutes: 60, justification: 'Incident 4821' })
      .expect(201);
    await open(id, 'access');
    await page.getByText('Then the role returns to').waitFor();
    await page.getByRole('button', { name: 'End now' }).click();
    await page.getByText('has ended').first().waitFor();
    await page.getByText('No.', { exact: true }).waitFor();
  });

  test('R133: a higher role is given until a time that one chooses, within a day', async () => {
    const id = await addUser('Jean Bartik');
    await open(id, 'access');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: /higher role|temporary role/i }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'For' }).click();
    await page.getByRole('option', { name: 'Until a time…' }).click();
    const until = dialog.getByLabel('Until');
    const [least, most] = [await until.getAttribute('min'), await until.getAttribute('max')];
    expect(Date.parse(most ?? '') - Date.parse(least ?? '')).toBe(86_400_000);
    const ends = new Date(Math.floor((Date.now() + 3 * 3_600_000) / 60_000) * 60_000);
    const offset = new Date(ends.getTime() - ends.getTimezoneOffset() * 60_000);
    await until.fill(offset.toISOString().slice(0, 16));
    await dialog.getByLabel('Why').fill('Covers the release of tonight');
    await dialog.getByRole('button', { name: /^Make Jean Bartik/ }).click();
    await page
      .getByText(/^Jean Bartik is \w+ until/)
      .first()
      .waitFor();
    const { body } = await owner.get(`/users/${id}`);
    expect(body.elevation.expiresAt).toBe(ends.toISOString());
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
