import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { joins, signIn, type TestUser } from '../support/admin.ts';
import { accessibilityProblems, CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';
import { OWNER_PASSWORD } from '../support/rollcall.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;

async function addUser(name: string, role = 'train'): Promise<string> {
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@halden.example`;
  const { body } = await owner
    .post('/users', { email, name, role, reason: 'For a test', invite: false })
    .expect(201);
  return body.user.id;
}

const open = (id: string, tab = 'profile') => page.goto(`${console_.base}/users/${id}?tab=${tab}`);

(CHROMIUM === undefined ? describe.skip : describe)('the page of a person', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    owner = await signIn(console_.rollcall.server, console_.organization.ownerEmail, OWNER_PASSWORD);
    await owner.post('/groups', { name: 'Finance', role: 'configure' }).expect(201);
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  test('R71, R72, R77: name, role and groups are changed in one form, saved with Save changes', async () => {
    const id = await addUser('Ada Lovelace');
    await open(id);
    await page.getByLabel('Name').fill('Ada King');
    await page.getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: /^configure/ }).click();
    await page.getByText('becomes').waitFor();
    await page.getByLabel('Notify them by mail').check();
    await page.getByLabel('Reason').fill('Runs the team now');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('The changes were saved.').waitFor();
    const { body } = await owner.get(`/users/${id}`).expect(200);
    expect([body.name, body.role]).toEqual(['Ada King', 'configure']);
  });

  test('what was typed and not saved is not lost with another tab, unless one says so', async () => {
    const id = await addUser('Rosalind Franklin');
    await open(id);
    await page.getByLabel('Name', { exact: true }).fill('Rosalind E. Franklin');
    await page.getByRole('tab', { name: 'Access' }).click();
    const dialog = page.getByRole('dialog', { name: 'Leave without saving?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Rosalind E. Franklin');
    await page.getByRole('tab', { name: 'Access' }).click();
    await dialog.getByRole('button', { name: 'Discard the changes' }).click();
    await page.getByText('Why can’t they…?').waitFor();
    expect((await owner.get(`/users/${id}`)).body.name).toBe('Rosalind Franklin');
  });

  test('two administrators at one person: the second is told, and keeps what was typed', async () => {
    const id = await addUser('Grace Hopper');
    await open(id);
    await page.getByLabel('Name').fill('Grace Murray');
    await owner.patch(`/users/${id}`, { name: 'Grace B. Hopper' }).expect(200);
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Changed in the meantime').waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('Grace Murray');
    await page.getByRole('button', { name: 'Show what is stored now' }).click();
    expect(await page.getByLabel('Name').inputValue()).toBe('Grace B. Hopper');
    expect((await owner.get(`/users/${id}`)).body.name).toBe('Grace B. Hopper');
  });

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
    await page.getByRole('button', { name: 'More acts' }).click();
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
    await page.getByRole('button', { name: 'More acts' }).click();
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
    await dialog.getByText('It cannot be taken back').waitFor();
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

  test('an act beside the form shows in it what is stored now, if nothing was typed', async () => {
    const id = await addUser('Hedy Lamarr');
    await open(id);
    await page.getByRole('button', { name: 'Deactivate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate Hedy Lamarr' }).click();
    await page.getByText('Hedy Lamarr was deactivated.').waitFor();
    await page.locator('form').getByRole('combobox', { name: 'Status' }).waitFor();
    await page.waitForFunction(
      `[...document.querySelectorAll('form input')].some((field) => field.value === 'Inactive')`,
    );
    expect(await page.getByText('Changed in the meantime').count()).toBe(0);
  });

  test('R100, R104, R149: Activity has the dashboard, and History each change with its cause', async () => {
    const id = await addUser('Katherine Johnson');
    await open(id, 'activity');
    for (const label of [
      'Last Login',
      'Queries (24h)',
      'Most Used Agent',
      'Avg Response Time',
      'Failed Auth',
    ]) {
      await page.getByText(label, { exact: true }).waitFor();
    }
    for (const below of ['No sign-in yet', '0 the day before', 'No query in 30 days', 'Last 24 h']) {
      await page.getByText(below, { exact: true }).waitFor();
    }
    await open(id, 'history');
    await page.getByText('What changed').waitFor();
  });

  test('R121 to R124: Offboard does everything of the last day in one act', async () => {
    const id = await addUser('Radia Perlman');
    await open(id);
    await page.getByRole('button', { name: 'More acts' }).click();
    await page.getByRole('menuitem', { name: 'Offboard…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Offboard Radia Perlman?' });
    await dialog.getByRole('button', { name: 'Offboard Radia Perlman' }).click();
    await page.getByText('Radia Perlman was offboarded.').waitFor();
    expect((await owner.get(`/users/${id}`)).body.status).toBe('inactive');
  });

  test.each(['light', 'dark'] as const)('axe finds nothing on any tab in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const { body } = await owner.get('/users?q=ada').expect(200);
    for (const tab of ['profile', 'groups', 'access', 'security', 'activity', 'history']) {
      await open(body.data[0].id, tab);
      await page.getByRole('tab', { selected: true }).waitFor();
      await page.waitForLoadState('networkidle');
      expect([tab, await accessibilityProblems(page)]).toEqual([tab, []]);
    }
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
