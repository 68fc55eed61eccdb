import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import request from 'supertest';
import { joins, PASSWORD, signInAsOwner, type TestUser } from '../support/admin.ts';
import { CHROMIUM, problemsInBothSchemes, startConsole, type TestConsole } from '../support/console.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;
let priya: TestUser;
let mateo: TestUser;

(CHROMIUM === undefined ? describe.skip : describe)('Alerts', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    const { rollcall, organization } = console_;
    owner = await signInAsOwner(rollcall, organization);
    priya = await joins(rollcall, owner, { name: 'Priya Raman' });
    mateo = await joins(rollcall, owner, { name: 'Mateo García Iñárritu', role: 'admin' });
    for (let round = 0; round < 5; round += 1) {
      await request(rollcall.server)
        .post('/api/v1/auth/login')
        .send({ email: priya.email, password: 'wrong' });
    }
    await mateo.post('/me/api-keys', { name: 'Laptop', scopes: ['users:read'] }).expect(201);
    await rollcall.rollcall.watchForAlerts();
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  const open = (path: string) => page.goto(`${console_.base}${path}`);
  const stateOf = async ({ id }: TestUser, kind: string): Promise<string> =>
    (await owner.get(`/alerts?user=${id}&kind=${kind}`)).body.data[0].state;

  test('R112, R115: the inbox says why an alert was opened, and compared with what', async () => {
    await open('/alerts?severity=high');
    const detail = page.getByRole('region', { name: /Priya Raman/ });
    await detail.getByText('5 wrong passwords in a row locked the account.').waitFor();
    await detail.getByText(/^Compared with: a limit of 5 in a row$/).waitFor();
    await detail.getByText('Locked', { exact: true }).waitFor();
    await page.getByText(/\d open: \d high/).waitFor();
  });

  test('filters stand in the address', async () => {
    await open('/alerts?kind=sensitive_action');
    const list = page.getByRole('list', { name: 'Open' });
    await list.getByText(/Mateo/).first().waitFor();
    expect(await list.getByText(/Priya/).count()).toBe(0);
    await page.getByRole('button', { name: 'Remove the filter by kind' }).click();
    await list.getByText(/Priya/).first().waitFor();
  });

  test('R115: A acknowledges with a note, and Z takes it back', async () => {
    await open('/alerts?kind=failed_sign_ins');
    await page.getByRole('region', { name: /Priya Raman/ }).waitFor();
    await page.keyboard.press('n');
    await page.getByLabel('Note').fill('I ask her');
    await page.getByLabel('Note').press('Escape');
    await page.keyboard.press('a');
    await page.getByText('The alert was acknowledged.').waitFor();
    await page.getByText('Acknowledged 1', { exact: true }).waitFor();
    expect(await stateOf(priya, 'failed_sign_ins')).toBe('acknowledged');
    await page.keyboard.press('z');
    await page.getByRole('list', { name: 'Open' }).getByText(/Priya/).first().waitFor();
    expect(await stateOf(priya, 'failed_sign_ins')).toBe('open');
  });

  test('S closes as not suspicious, says what it teaches, and it can be opened again', async () => {
    await open('/alerts?kind=failed_sign_ins');
    await page.getByText('the same from Priya Raman opens no new alert').waitFor();
    await page.keyboard.press('s');
    await page.getByText('The alert was closed as not suspicious.').waitFor();
    expect(await stateOf(priya, 'failed_sign_ins')).toBe('false_positive');
    await page.getByRole('list', { name: 'Recently closed' }).getByText(/Priya/).first().click();
    await page.getByRole('button', { name: 'Open it again' }).click();
    await page.getByText('The alert is open again.').waitFor();
    expect(await stateOf(priya, 'failed_sign_ins')).toBe('open');
  });

  test('axe finds nothing on the pages of alerts, light and dark', async () => {
    await open('/alerts');
    await page.getByText('Their access now').waitFor();
    expect(await problemsInBothSchemes(page)).toEqual([]);
    await open('/alerts/rules');
    await page.getByRole('heading', { name: 'Audit stream fails' }).waitFor();
    expect(await problemsInBothSchemes(page)).toEqual([]);
  });

  test('R113: a sensitive action says what it made, and whom it is about cannot judge it', async () => {
    const own = await console_.signIn({ email: mateo.email, password: PASSWORD });
    await own.goto(`${console_.base}/alerts?kind=sensitive_action`);
    await own.getByText('The user created the API key Laptop.').last().waitFor();
    await own.getByRole('row', { name: 'API key Laptop' }).waitFor();
    for (const name of [/^Acknowledge/, /^Not suspicious/]) {
      const act = own.getByRole('button', { name });
      expect(await act.getAttribute('aria-disabled')).toBe('true');
      expect(await act.textContent()).toContain(
        'This alert is about you, so another administrator has to decide.',
      );
    }
    await own.keyboard.press('s');
    expect(await stateOf(mateo, 'sensitive_action')).toBe('open');
    expect(await problemsInBothSchemes(own)).toEqual([]);
  });

  test('D says what stops, deactivates the user and resolves the alert', async () => {
    await open(`/alerts?user=${mateo.id}&kind=sensitive_action`);
    await page.getByText('Ends their sessions and keys').waitFor();
    await page.keyboard.press('d');
    const dialog = page.getByRole('dialog', { name: /^Deactivate Mateo/ });
    await dialog.getByText('What stops').waitFor();
    await dialog.getByRole('button', { name: /^Deactivate Mateo/ }).click();
    await page.getByText(/Mateo García Iñárritu was deactivated\./).waitFor();
    await page.getByText('No alert matches').waitFor();
    expect(await stateOf(mateo, 'sensitive_action')).toBe('resolved');
    expect((await owner.get(`/users/${mateo.id}`)).body.status).toBe('inactive');
  });

  test('R110, R111, R112, R113: each kind of alert has a rule that says when it is opened', async () => {
    await open('/alerts/rules');
    for (const kind of [
      'Sign-in from a new network',
      'Unusual number of queries',
      'Failed sign-ins locked the account',
      'Sensitive action',
    ]) {
      await page.getByRole('heading', { name: kind }).waitFor();
    }
  });

  test('R114: working hours and thresholds are changed in the rules, and a wrong one says so', async () => {
    await open('/alerts/rules');
    await page.getByRole('switch', { name: 'Sign-in outside working hours opens alerts' }).press('Space');
    await page.getByLabel('From', { exact: true }).fill('08:30');
    await page.getByRole('combobox', { name: 'Holidays' }).fill('Christmas');
    await page.getByRole('combobox', { name: 'Holidays' }).press('Enter');
    await page.getByRole('button', { name: 'Save the rule' }).click();
    await page.getByText('must be a valid date.').waitFor();
    await page.getByRole('button', { name: 'Discard the change' }).click();
    await page.getByRole('switch', { name: 'Sign-in outside working hours opens alerts' }).press('Space');
    await page.getByLabel('From', { exact: true }).fill('08:30');
    await page.getByRole('button', { name: 'Save the rule' }).click();
    await page.getByText('The rule “Sign-in outside working hours” was changed.').waitFor();
    const rules = (await owner.get('/alert-rules')).body;
    expect([rules.off_hours.enabled, rules.off_hours.from]).toEqual([true, '08:30']);
  });

  test('R114: a rule is tried on what happened before it is stored, and says what it would have opened', async () => {
    await owner.put('/alert-rules', { off_hours: { enabled: false } }).expect(200);
    await open('/alerts/rules');
    const result = page.getByRole('status', { name: 'What the rule would open' });
    const off = result.nth(4);
    await page.getByRole('button', { name: 'Try it on the last 30 days' }).nth(4).click();
    await off.getByText('It would have opened no alert in the last 30 days.').waitFor();
    await page.getByRole('switch', { name: 'Sign-in outside working hours opens alerts' }).press('Space');
    // What was found before holds no more.
    expect(await off.textContent()).toBe('');
    for (const day of ['Mon', 'Tue', 'Wed', 'Thu', 'Fri']) {
      await page.getByRole('checkbox', { name: day }).press('Space');
    }
    await page.getByRole('button', { name: 'Try it on the last 30 days' }).nth(4).click();
    await off.getByText(/^It would have opened \d+ alerts? in the last 30 days, instead of 0\./).waitFor();
    await off.getByRole('link', { name: 'Mateo García Iñárritu' }).first().waitFor();
    await off
      .getByText(/is outside working hours\.$/)
      .first()
      .waitFor();
    expect(await problemsInBothSchemes(page)).toEqual([]);
    expect((await owner.get('/alert-rules')).body.off_hours.enabled).toBe(false);

    await page.getByRole('button', { name: 'Try it now' }).first().click();
    await page.getByText('It would open no alert now.').waitFor();
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
