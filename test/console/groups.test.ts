import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { CHROMIUM, problemsInBothSchemes, startConsole, type TestConsole } from '../support/console.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;
let jane: TestUser;
let finance: string;
let provisioned: string;

(CHROMIUM === undefined ? describe.skip : describe)('Groups', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    const { rollcall, organization } = console_;
    owner = await signInAsOwner(rollcall, organization);
    jane = await joins(rollcall, owner, { name: 'Jane Doe' });
    await joins(rollcall, owner, { name: 'ليلى حداد', role: 'configure' });
    finance = (await owner.post('/groups', { name: 'Finance', description: 'Closes the books' })).body.id;
    await owner.post(`/groups/${finance}/members`, { userIds: [jane.id] }).expect(200);
    await owner.post('/resources', { type: 'agent', name: 'Invoice Agent' }).expect(201);
    const user = await organization.scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'olena@halden.example',
      displayName: 'Олена Коваленко',
      active: false,
    });
    const group = await organization.scim('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: 'Engineering leads',
      externalId: '00g7k2',
      members: [{ value: user.body.id }],
    });
    provisioned = group.body.id;
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  const open = (path: string) => page.goto(`${console_.base}${path}`);

  test('R99: a group is created in the list, and its page opens', async () => {
    await open('/groups');
    await page.getByRole('table', { name: 'Groups' }).getByText('Closes the books').waitFor();
    await page.getByRole('button', { name: 'Create group' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create group' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('FINANCE');
    await dialog.getByRole('button', { name: 'Create group' }).click();
    await dialog.getByText(/Another group has this name/).waitFor();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Berlin office');
    await dialog.getByRole('button', { name: 'Create group' }).click();
    await page.getByRole('heading', { level: 1, name: 'Berlin office' }).waitFor();
    await page.getByText('No members yet').waitFor();
  });

  test('R99: a group adds people by address: who would join is seen before, and no one takes them out', async () => {
    await open('/groups?create=open');
    const dialog = page.getByRole('dialog', { name: 'Create group' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Halden');
    const field = dialog.getByRole('textbox', { name: 'Add people by address' });
    await field.fill('*@olena');
    await field.fill('*@halden.example');
    await dialog.getByText('1 person would join (Олена Коваленко).').waitFor();
    await dialog.getByRole('button', { name: 'Create group' }).click();
    await page.getByRole('heading', { level: 1, name: 'Halden' }).waitFor();
    await page.getByText('Adds everyone with *@halden.example').waitFor();
    await console_.rollcall.rollcall.followAddresses();
    await page.reload();
    await page.getByRole('table').getByText('Address', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Actions for Олена Коваленко' }).click();
    await page
      .getByText('Their address matches *@halden.example: change the address, or whom the group adds.')
      .waitFor();
    expect(
      await page.getByRole('menuitem', { name: 'Remove from the group' }).getAttribute('data-disabled'),
    ).toBe('true');
    await page.keyboard.press('Escape');
    expect(await problemsInBothSchemes(page)).toEqual([]);
  });

  test('R99: another pattern is previewed and saved, and taken back, in the settings of the group', async () => {
    const domain = jane.email.split('@')[1];
    await page.getByRole('tab', { name: 'Settings' }).click();
    const field = page.getByRole('textbox', { name: 'Add people by address' });
    await field.fill('*@a b');
    await page.getByText(/must be an address with 1 to 5 wildcards/).waitFor();
    await field.fill(`*e*@${domain}`);
    await page.getByText(/would join .*; 1 person would leave \(Олена Коваленко\)/).waitFor();
    expect(await problemsInBothSchemes(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save whom it adds' }).click();
    await page.getByText(`Adds everyone with *e*@${domain}`).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Adds everyone with *@halden.example').waitFor();
  });

  test('R99: why a group has no pattern stands at the field: a directory owns its members, or it carries admin', async () => {
    const admins = (await owner.post('/groups', { name: 'Administrators', role: 'admin' })).body.id;
    for (const [id, why] of [
      [provisioned, /Who is in the group is set by .*: change it there\./],
      [admins, 'A group that carries admin adds no one by their address.'],
    ] as const) {
      await open(`/groups/${id}?tab=settings`);
      await page.getByRole('tabpanel').getByText(why).waitFor();
      expect(await page.getByRole('textbox', { name: 'Add people by address' }).isDisabled()).toBe(true);
    }
  });

  test('the list is searched and filtered by its address, and J opens a group beside it', async () => {
    await open('/groups?source=scim');
    await page.getByText('Engineering leads').waitFor();
    expect(await page.getByText('Finance', { exact: true }).count()).toBe(0);
    await page.keyboard.press('j');
    const panel = page.getByRole('complementary', { name: 'Engineering leads' });
    await panel.getByText('0, 1 suspended').waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  test('R95, R97: people are added to a group and removed, and Z puts them back', async () => {
    await open(`/groups/${finance}`);
    await page.getByRole('button', { name: 'Add people' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'People' }).fill('ليلى');
    await page.getByRole('option', { name: /ليلى حداد/ }).click();
    await dialog.getByRole('heading').first().click();
    await dialog.getByRole('button', { name: 'Add 1 person' }).click();
    await page.getByText('1 person was added to Finance.').waitFor();
    const table = page.getByRole('table', { name: 'Members of Finance' });
    await table.getByText('ليلى حداد').waitFor();
    await page.getByRole('button', { name: 'Actions for Jane Doe' }).click();
    await page.getByRole('menuitem', { name: 'Remove from the group' }).click();
    await table.getByText('Jane Doe').waitFor({ state: 'detached' });
    await page.keyboard.press('z');
    await table.getByText('Jane Doe').waitFor();
  });

  test('a member is made manager, and the reason stands there if their role is too low', async () => {
    await open(`/groups/${finance}`);
    await page.getByRole('button', { name: 'Actions for Jane Doe' }).click();
    await page.getByRole('menuitem', { name: 'Make manager' }).click();
    await page.getByText('a group manager needs configure or admin').waitFor();
    await page.getByRole('button', { name: 'Actions for ليلى حداد' }).click();
    await page.getByRole('menuitem', { name: 'Make manager' }).click();
    await page.getByText('is manager of Finance now').waitFor();
    await open(`/groups/${finance}?as=manager`);
    const table = page.getByRole('table', { name: 'Members of Finance' });
    await table.getByText('ليلى حداد').waitFor();
    expect(await table.getByText('Jane Doe').count()).toBe(0);
  });

  test('R99, R153: who gets another role is shown before a group carries one', async () => {
    await open(`/groups/${finance}`);
    await page.getByRole('button', { name: 'Change role' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: /train/ }).click();
    await dialog.getByRole('status').getByText('from readonly to train').waitFor();
    await dialog.getByText('Jane Doe').waitFor();
    await dialog.getByRole('button', { name: 'Let Finance carry train' }).click();
    await page.getByText('Finance carries train now.').waitFor();
    expect((await owner.get(`/users/${jane.id}`)).body.effectiveRole).toBe('train');
  });

  test('R99: a grant on a resource is added, raised and removed', async () => {
    await open(`/groups/${finance}?tab=grants`);
    await page.getByRole('combobox', { name: 'Resource' }).click();
    await page.getByRole('option', { name: /Invoice Agent/ }).click();
    await page.getByRole('button', { name: 'Add grant' }).click();
    const grants = page.getByRole('list', { name: 'Grants' });
    await grants.getByText('Invoice Agent').waitFor();
    await grants.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('The grant on Invoice Agent was removed.').waitFor();
    await page.getByText('No grants yet').waitFor();
  });

  test('what the directory owns is locked and says where to change it; a suspended member is marked', async () => {
    await open(`/groups/${provisioned}`);
    const add = page.getByRole('button', { name: 'Add people' });
    await page.getByText('owns the name and the members').waitFor();
    expect(await add.getAttribute('aria-disabled')).toBe('true');
    await page.getByText('00g7k2').waitFor();
    await page.getByRole('table').getByText('suspended').waitFor();
    await open(`/groups/${provisioned}?tab=settings`);
    await page.getByText(/^The name is set by .+: change it there\.$/).waitFor();
    expect(await page.getByRole('textbox', { name: 'Name' }).isDisabled()).toBe(true);
  });

  test('working hours of a group are set, and the organization’s hold again', async () => {
    await open(`/groups/${finance}?tab=settings`);
    await page.getByRole('switch', { name: 'Hours of its own' }).press('Space');
    await page.getByLabel('From').fill('09:30');
    await page.getByRole('button', { name: 'Save working hours' }).click();
    await page.getByText('The working hours of Finance were set.').waitFor();
    expect((await owner.get(`/groups/${finance}/working-hours`)).body.hours.from).toBe('09:30');
  });

  test('the history of a group says who did what', async () => {
    await open(`/groups/${finance}?tab=history`);
    await page
      .getByText(/Finance/)
      .nth(1)
      .waitFor();
    await page
      .getByText(/Jane Doe/)
      .first()
      .waitFor();
  });

  test('axe finds nothing on the pages of groups, light and dark', async () => {
    const paths = [
      ['/groups', 'Closes the books'],
      [`/groups?open=${provisioned}`, '1 suspended'],
      [`/groups/${provisioned}`, '00g7k2'],
      [`/groups/${finance}?tab=grants`, 'Grant more'],
      [`/groups/${finance}?tab=settings`, 'Save working hours'],
    ] as const;
    for (const [path, text] of paths) {
      await open(path);
      await page.getByText(text).first().waitFor();
      expect([path, await problemsInBothSchemes(page)]).toEqual([path, []]);
    }
  });

  test('R99: deleting a group names what stops, and then it is gone', async () => {
    await open(`/groups/${finance}?tab=settings`);
    await page.getByRole('button', { name: 'Delete Finance' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete Finance?' });
    await dialog.getByText('2 memberships end').waitFor();
    await dialog.getByText('1 from train to readonly').waitFor();
    await dialog.getByRole('button', { name: 'Delete Finance' }).click();
    await page.getByText('Finance was deleted.').waitFor();
    expect((await owner.get(`/groups/${finance}`)).status).toBe(404);
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
