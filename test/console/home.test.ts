import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { joins, signIn, type TestUser } from '../support/admin.ts';
import { accessibilityProblems, CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';
import { OWNER_PASSWORD } from '../support/rollcall.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;

(CHROMIUM === undefined ? describe.skip : describe)('Home, help and the own account', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    owner = await signIn(console_.rollcall.server, console_.organization.ownerEmail, OWNER_PASSWORD);
    page = await console_.signIn();
  });
  afterAll(() => console_?.close());

  test('a new organization is led through its first steps, which can be left out', async () => {
    await page.goto(`${console_.base}/`);
    await page.getByRole('heading', { name: 'Set up Rollcall' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('link', { name: /^Microsoft Entra ID/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Connect a provider' });
    expect(await dialog.getByLabel('Name').inputValue()).toBe('Microsoft Entra ID');
    await page.goBack();
    await page.getByRole('button', { name: 'Skip for now' }).click();
    await page.getByRole('heading', { name: 'Set up Rollcall' }).waitFor({ state: 'detached' });
    await page.reload();
    await page
      .getByText('Nothing needs attention.')
      .or(page.getByText('need attention'))
      .or(page.getByText('needs attention'))
      .first()
      .waitFor();
    expect(await page.getByRole('heading', { name: 'Set up Rollcall' }).count()).toBe(0);
  });

  test('R135: the posture shows the share of configure and admin, each with its limit', async () => {
    await page.goto(`${console_.base}/posture`);
    await page.getByRole('rowheader', { name: 'Role admin' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('R135: a figure that was not counted in time says so, and is not within its limit', async () => {
    const sentence = 'Counting this took too long: try again when the database has less to do.';
    await page.route('**/api/v1/posture', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      const figures = (body.figures as { key: string }[]).map((figure) =>
        figure.key === 'inactive'
          ? { ...figure, count: null, percent: null, warning: null, notCounted: sentence }
          : figure,
      );
      await route.fulfill({ response, json: { ...body, figures } });
    });
    await page.goto(`${console_.base}/posture`);
    const row = page.getByRole('row').filter({ hasText: 'Inactive for 90 days' });
    await row.getByText(sentence).waitFor();
    expect(await row.getByRole('cell').first().textContent()).toBe('not counted');
    expect(await row.getByText('Within the limit').count()).toBe(0);
    expect(await page.getByText('Within the limit').count()).toBeGreaterThan(3);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.unroute('**/api/v1/posture');
  });

  test('R135: each figure leads to a list with as many rows, whose filters stand in chips that can be taken away', async () => {
    for (const expiresAt of [undefined, new Date(Date.now() + 86_400_000).toISOString()]) {
      await owner.post('/me/api-keys', { name: 'Script', scopes: ['users:read'], expiresAt }).expect(201);
    }
    await page.goto(`${console_.base}/posture`);
    await page.getByRole('rowheader', { name: 'Role admin' }).waitFor();
    const rows = await page.getByRole('table').getByRole('row').all();
    const links = await Promise.all(
      rows.slice(1).map(async (row) => ({
        href: (await row.getByRole('rowheader').getByRole('link').getAttribute('href')) as string,
        count: Number.parseInt((await row.getByRole('cell').first().textContent()) as string, 10),
      })),
    );
    expect(links.length).toBeGreaterThan(7);
    for (const { href, count } of links) {
      const url = new URL(href, console_.base);
      url.searchParams.delete('tab');
      const query = [...url.searchParams].flatMap(([name, value]) =>
        value
          .replaceAll('"', '')
          .split(',')
          .map((each) => `${name}=${each}`),
      );
      const { body } = await owner.get(`${url.pathname}?${query.join('&')}`).expect(200);
      expect([href, body.data.length]).toEqual([href, count]);
    }
    await page.getByRole('link', { name: 'API keys that never expire' }).click();
    await page.getByRole('button', { name: 'Remove the filter by ends' }).click();
    await page.getByRole('button', { name: 'Remove the filter by status' }).waitFor();
    expect(new URL(page.url()).searchParams.get('expires')).toBeNull();
    await page.goto(`${console_.base}/users?status=active&outsideSso=true`);
    await page.getByRole('button', { name: 'Remove the filter by single sign-on' }).click();
    await page.waitForURL((url) => !url.searchParams.has('outsideSso'));
  });

  test('R58, R148: Users leads to help on permissions and groups, with the quick reference', async () => {
    await page.goto(`${console_.base}/users`);
    await page.getByRole('link', { name: 'Help', exact: true }).click();
    const row = page.getByRole('row', { name: /^Manager/ });
    await row.waitFor();
    expect(await row.getByRole('cell').allTextContents()).toEqual([
      'Yes',
      'Own only',
      'Group only',
      'Group only',
    ]);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('R132, R134: a request for a higher role is approved where it stands with its reason', async () => {
    const asking = await joins(console_.rollcall, owner, { name: 'Mateo García', role: 'configure' });
    await asking
      .post('/me/elevations', { role: 'admin', durationMinutes: 60, justification: 'Rotate the certificate' })
      .expect(201);
    await page.goto(`${console_.base}/elevations`);
    const row = page.getByRole('row', { name: /Mateo García/ });
    await row.getByText('Rotate the certificate').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await row.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Mateo García is admin now.').waitFor();
    expect((await asking.get('/me')).body.user.effectiveRole).toBe('admin');
  });

  test.each(['light', 'dark'] as const)('axe finds nothing on the own account in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${console_.base}/account`);
    await page.getByRole('heading', { name: 'Sessions' }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('every component in every state is on one page, and axe finds nothing there', async () => {
    await page.goto(`${console_.base}/components`);
    await page.getByRole('heading', { name: 'Buttons' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('a session that ends in the middle of a form keeps what was typed', async () => {
    const visitor = await console_.signIn();
    await visitor.goto(`${console_.base}/account`);
    await visitor.getByLabel('Name').fill('Amara Okafor');
    await owner.delete('/me/sessions').expect(204);
    await visitor.getByRole('button', { name: 'Save your name' }).click();
    const dialog = visitor.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByText('You are not signed in yet').waitFor();
    const [again] = await Promise.all([
      visitor.context().waitForEvent('page'),
      dialog.getByRole('link', { name: 'Open the sign-in page' }).click(),
    ]);
    await again.getByRole('link', { name: 'Use a password instead' }).click();
    await again.getByLabel('Email').fill(console_.organization.ownerEmail);
    await again.getByLabel('Password', { exact: true }).fill(OWNER_PASSWORD);
    await again.getByRole('button', { name: 'Sign in' }).click();
    await again.getByText('You are signed in again').waitFor();
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await visitor.getByLabel('Name').inputValue()).toBe('Amara Okafor');
    await visitor.getByRole('button', { name: 'Save your name' }).click();
    await visitor.getByText('Your name was saved.').waitFor();
  });

  test('a session that ends while a dialog is open keeps the dialog and what was typed into it', async () => {
    const name = 'Grace Hopper';
    const hopper = await joins(console_.rollcall, owner, { name });
    const { id } = (await hopper.get('/me')).body.user;
    const visitor = await console_.signIn();
    await visitor.goto(`${console_.base}/users/${id}`);
    await visitor.getByRole('button', { name: 'Change role' }).click();
    const role = visitor.getByRole('dialog', { name: `Change the role of ${name}` });
    await role.getByRole('radio', { name: /^train/ }).click();
    await role.getByLabel('Reason').fill('Trains the support agent');
    // The button waits for what the role would change.
    await role.getByRole('button', { name: `Make ${name} train`, disabled: false }).waitFor();
    await visitor.context().clearCookies();
    await role.getByRole('button', { name: `Make ${name} train` }).click();
    const ended = visitor.getByRole('dialog', { name: 'Your session has ended' });
    await ended.waitFor();
    const again = await visitor.context().newPage();
    await again.goto(`${console_.base}/sign-in?with=password`);
    await again.getByLabel('Email').fill(console_.organization.ownerEmail);
    await again.getByLabel('Password', { exact: true }).fill(OWNER_PASSWORD);
    await again.getByRole('button', { name: 'Sign in' }).click();
    await again.getByRole('navigation', { name: 'Main' }).waitFor();
    await ended.getByRole('button', { name: 'Continue' }).click();
    await ended.waitFor({ state: 'detached' });
    await role.getByText('Your session had ended, and nothing was done. Try again.').waitFor();
    expect(await role.getByLabel('Reason').inputValue()).toBe('Trains the support agent');
    await role.getByRole('button', { name: `Make ${name} train` }).click();
    await visitor.getByText(`${name} is train now.`).waitFor();
    await visitor.context().close();
  });

  test('a server that does not answer for a while leaves the page, an open dialog and what was typed', async () => {
    const joan = await joins(console_.rollcall, owner, { name: 'Joan Clarke' });
    const { id } = (await joan.get('/me')).body.user;
    const visitor = await console_.signIn();
    await visitor.goto(`${console_.base}/users/${id}`);
    await visitor.getByRole('button', { name: 'Change role' }).click();
    const dialog = visitor.getByRole('dialog', { name: 'Change the role of Joan Clarke' });
    await dialog.getByRole('radio', { name: /^configure/ }).click();
    await dialog.getByLabel('Reason').fill('Leads the pilot');
    await dialog.getByText('Gains:').waitFor();
    let asked = 0;
    let givesUp: () => void = () => {};
    const givenUp = new Promise<void>((resolve) => {
      givesUp = resolve;
    });
    // It is asked again three times.
    await visitor.route(`**/api/v1/users/${id}**`, async (route) => {
      await route.abort();
      if (new URL(route.request().url()).pathname.endsWith(id) && ++asked === 4) givesUp();
    });
    await dialog.getByRole('button', { name: 'Make Joan Clarke configure' }).click();
    await dialog.getByText('The server does not answer.').first().waitFor();
    await givenUp;
    await visitor.waitForTimeout(500);
    expect(await dialog.getByLabel('Reason').inputValue()).toBe('Leads the pilot');
    await visitor.unroute(`**/api/v1/users/${id}**`);
    await dialog.getByRole('button', { name: 'Make Joan Clarke configure' }).click();
    await visitor.getByText('Joan Clarke is configure now.').waitFor();
    await visitor.context().close();
  });

  test('no answer at all is said in a sentence, first while it is tried again, then with a way to try again', async () => {
    const visitor = await console_.signIn();
    await visitor.route('**/api/v1/posture', (route) => route.abort());
    await visitor.goto(`${console_.base}/posture`);
    await visitor.getByText('The server does not answer. Trying again…').waitFor();
    await visitor.getByRole('alert').getByText('The server does not answer').waitFor({ timeout: 20_000 });
    await visitor.unroute('**/api/v1/posture');
    await visitor.getByRole('button', { name: 'Try again' }).click();
    await visitor.getByRole('rowheader', { name: 'Role admin' }).waitFor();
  });

  test('a page whose module an upgrade took away is loaded anew', async () => {
    const visitor = await console_.signIn();
    await visitor.goto(`${console_.base}/account`);
    await visitor.getByLabel('Name').waitFor();
    let taken = 0;
    await visitor.route('**/assets/posture-page-*.js', async (route) => {
      taken += 1;
      await (taken === 1 ? route.fulfill({ status: 404, body: '' }) : route.continue());
    });
    await visitor.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Posture' }).click();
    await visitor.getByRole('rowheader', { name: 'Role admin' }).waitFor();
    expect([taken, new URL(visitor.url()).pathname]).toEqual([2, '/posture']);
  });

  test('R132, R134: on a telephone the reason stands beside Approve, events and keys have their time and holder, and the open tab is in sight', async () => {
    const dev = await joins(console_.rollcall, owner, { email: 'ray@halden.example', name: 'Ray Tomlinson' });
    await dev
      .post('/me/elevations', { role: 'admin', durationMinutes: 60, justification: 'Moves the mail, INC-7' })
      .expect(201);
    await owner.post('/me/api-keys', { name: 'Script', scopes: ['users:read'] }).expect(201);
    // A session before may have ended with the others of its user.
    page = await console_.signIn();
    await page.setViewportSize({ width: 390, height: 844 });
    const inSight = async (locator: ReturnType<Page['locator']>) => {
      await locator.waitFor();
      const box = await locator.boundingBox();
      expect(box).not.toBeNull();
      const { x, width } = box as { x: number; width: number };
      expect([x >= 0, x + width <= 391, width > 40]).toEqual([true, true, true]);
    };
    await page.goto(`${console_.base}/elevations`);
    const asked = page.getByRole('row', { name: /Ray Tomlinson/ });
    await inSight(asked.getByText('Moves the mail, INC-7'));
    await inSight(asked.getByText('admin for 1 h'));
    await inSight(asked.getByRole('button', { name: 'Approve' }));
    await page.goto(`${console_.base}/audit`);
    await inSight(
      page
        .getByRole('row', { name: /Ray Tomlinson/ })
        .first()
        .locator('time'),
    );
    await page.goto(`${console_.base}/api-keys?tab=all`);
    const key = page.getByRole('row', { name: /Script/ }).first();
    await inSight(key.getByRole('link'));
    await page.goto(`${console_.base}/users/${dev.id}?tab=history`);
    await inSight(page.getByRole('tab', { name: 'History' }));
    await page.goto(`${console_.base}/jobs`);
    const retry = page.getByRole('button', { name: 'Retry all dead jobs' });
    await retry.and(page.locator('[aria-disabled]')).waitFor();
  });
});
