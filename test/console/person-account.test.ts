import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { joins, type TestUser } from '../support/admin.ts';
import { CHROMIUM, type TestConsole } from '../support/console.ts';
import { type PersonPages, startPersonPages } from '../support/person-page.ts';
import { OWNER_PASSWORD } from '../support/rollcall.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;
let addUser: PersonPages['addUser'];
let open: PersonPages['open'];

(CHROMIUM === undefined ? describe.skip : describe)('the account of a person, and its end', () => {
  beforeAll(async () => {
    ({ console: console_, page, owner, addUser, open } = await startPersonPages());
  });
  afterAll(() => console_?.close());

  test('R78, R83, R84: Deactivate names what stops; Activate restores group memberships', async () => {
    const id = await addUser('Edsger Dijkstra');
    const { body } = await owner.get('/groups?q=Finance').expect(200);
    await owner.post(`/groups/${body.data[0].id}/members`, { userIds: [id] }).expect(200);
    await open(id);
    await page.getByRole('button', { name: 'Deactivate' }).click();
    const dialog = page.getByRole('dialog', { name: 'Deactivate Edsger Dijkstra?' });
    await dialog.getByRole('button', { name: 'Cancel' }).and(page.locator(':focus')).waitFor();
    await dialog.getByText('1 membership is suspended').waitFor();
    await dialog.getByRole('button', { name: 'Deactivate Edsger Dijkstra' }).click();
    await page.getByText('Edsger Dijkstra was deactivated.').waitFor();
    await page.getByRole('button', { name: 'Activate' }).click();
    const back = page.getByRole('dialog', { name: 'Activate Edsger Dijkstra again?' });
    expect(await back.getByLabel('Restore group memberships').isChecked()).toBe(true);
    await back.getByRole('button', { name: 'Activate Edsger Dijkstra' }).click();
    await page.getByText('Edsger Dijkstra is active again.').waitFor();
    expect((await owner.get(`/users/${id}`)).body.groups).toMatchObject([
      { name: 'Finance', suspended: false },
    ]);
  });

  test('R87 to R91: deletion says that it is permanent, and for good it asks for the password', async () => {
    const id = await addUser('Barbara Liskov');
    await open(id);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete Barbara Liskov?' });
    await dialog.getByText('You can restore them until they are erased').waitFor();
    await dialog.getByRole('radio', { name: /^Hard delete/ }).click();
    await dialog.getByText('Permanent action').waitFor();
    await dialog.getByText('Their personal data is erased for good.').waitFor();
    expect(await dialog.getByText('You can restore them').count()).toBe(0);
    const button = dialog.getByRole('button', { name: 'Hard delete Barbara Liskov' });
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByLabel('Your password').fill('not this one');
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.getByRole('alert').or(dialog.locator('[id$=error]')).first().waitFor();
    await dialog.getByLabel('Your password').fill(OWNER_PASSWORD);
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await button.click();
    await page.getByText('Barbara Liskov was deleted for good.').waitFor();
    await owner.get(`/users/${id}`).expect(404);
  });

  test('R140, R141: Security shows the failed logins, and Unlock account lets them in again', async () => {
    const { id } = await joins(console_.rollcall, owner, {
      email: 'tim.lee@halden.example',
      name: 'Tim Lee',
    });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await owner.post('/auth/login', { email: 'tim.lee@halden.example', password: `wrong ${attempt}` });
    }
    await open(id, 'security');
    await page.getByText('5 failed sign-ins').waitFor();
    await page.getByRole('button', { name: 'Unlock account' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Unlock account' }).click();
    await page.getByText('Tim Lee was unlocked.').waitFor();
    expect((await owner.get(`/users/${id}`)).body.locked).toBe(false);
  });

  test('an administrator revokes one key of a person: among everyone’s keys, and on the page of the person', async () => {
    const ravi = await joins(console_.rollcall, owner, { role: 'configure', name: 'Ravi Menon' });
    const make = async (name: string) =>
      (await ravi.post('/me/api-keys', { name, scopes: ['users:read'] }).expect(201)).body.token as string;
    const statusOf = (token: string) =>
      fetch(`${console_.base}/api/v1/users`, { headers: { Authorization: `Bearer ${token}` } }).then(
        ({ status }) => status,
      );
    const [first, second] = [await make('Old script'), await make('Other script')];
    await page.goto(`${console_.base}/api-keys?tab=all`);
    await page.getByRole('button', { name: 'Revoke Old script…' }).click();
    await page.getByRole('dialog', { name: 'Revoke the key Old script of Ravi Menon?' }).waitFor();
    await page.getByRole('button', { name: 'Revoke Old script', exact: true }).click();
    await page.getByText('Old script was revoked.').waitFor();
    expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200]);

    await page.goto(`${console_.base}/users/${ravi.id}?tab=security`);
    await page.getByRole('button', { name: 'Revoke Other script…' }).click();
    await page.getByRole('button', { name: 'Revoke Other script', exact: true }).click();
    await page.getByText('Other script was revoked.').waitFor();
    expect(await statusOf(second)).toBe(401);
  });

  test('all keys of a person are revoked once the dialog has said how many they are and when each was used', async () => {
    const noor = await joins(console_.rollcall, owner, { role: 'configure', name: 'Noor Haddad' });
    const make = async (name: string) =>
      (await noor.post('/me/api-keys', { name, scopes: ['users:read'] }).expect(201)).body.token as string;
    const statusOf = (token: string) =>
      fetch(`${console_.base}/api/v1/users`, { headers: { Authorization: `Bearer ${token}` } }).then(
        ({ status }) => status,
      );
    const used = await make('Warehouse export');
    await make('Never used script');
    expect(await statusOf(used)).toBe(200);
    await open(noor.id, 'security');
    await page.getByRole('button', { name: 'Revoke all…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke all API keys of Noor Haddad?' });
    await dialog.getByRole('button', { name: 'Cancel' }).and(page.locator(':focus')).waitFor();
    await dialog.getByText('This cannot be undone').waitFor();
    expect(await dialog.getByRole('listitem').allTextContents()).toEqual([
      'Warehouse exportlast used just now',
      'Never used scriptnever used',
    ]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await statusOf(used)).toBe(200);
    await page.getByRole('button', { name: 'Revoke all…' }).click();
    await dialog.getByRole('button', { name: 'Revoke 2 API keys' }).click();
    await page.getByText('2 API keys of Noor Haddad were revoked.').waitFor();
    expect(await statusOf(used)).toBe(401);
    await page.getByRole('button', { name: 'Revoke all…' }).waitFor({ state: 'detached' });
  });

  test('one’s own keys are not ended all at once as if they were another’s: the buttons say why', async () => {
    await owner.post('/me/api-keys', { name: 'Laptop', scopes: ['users:read'] }).expect(201);
    const { body } = await owner.get('/me').expect(200);
    await open(body.user.id, 'security');
    await page.getByRole('button', { name: 'Revoke all…' }).and(page.locator('[aria-disabled]')).waitFor();
    await page.getByRole('button', { name: 'Revoke Laptop…' }).waitFor();
  });

  test('R121 to R124: Offboard does everything of the last day in one act', async () => {
    const id = await addUser('Radia Perlman');
    await open(id);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Offboard…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Offboard Radia Perlman?' });
    await dialog.getByRole('button', { name: 'Offboard Radia Perlman' }).click();
    await page.getByText('Radia Perlman was offboarded.').waitFor();
    expect((await owner.get(`/users/${id}`)).body.status).toBe('inactive');
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
