import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { joins, PASSWORD, signInAsOwner, type TestUser } from '../support/admin.ts';
import { CHROMIUM, problemsInBothSchemes, startConsole, type TestConsole } from '../support/console.ts';

const PHONE = { width: 390, height: 844 };

let console_: TestConsole;
let page: Page;
let owner: TestUser;
let review: string;
let group: string;

(CHROMIUM === undefined ? describe.skip : describe)('The console on a phone', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    const { rollcall, organization } = console_;
    owner = await signInAsOwner(rollcall, organization);
    for (const name of ['Jane Doe', 'ليلى حداد', 'Alexandros Wolfeschlegelsteinhausen-Papadopoulos']) {
      await joins(rollcall, owner, { name });
    }
    const admin = await joins(rollcall, owner, { name: 'Ada Admin', role: 'admin' });
    await admin.post('/me/api-keys', { name: 'Laptop', scopes: ['users:read'] }).expect(201);
    group = (await owner.post('/groups', { name: 'Support Team' }).expect(201)).body.id;
    const started = await owner
      .post('/reviews', { title: 'Access review of the fourth quarter', reviewers: { rule: 'owners' } })
      .expect(202);
    review = started.body.id;
    await rollcall.rollcall.runDueJobsOnce();
    await rollcall.rollcall.watchForAlerts();
    await rollcall.rollcall.tendReviews();
    page = await console_.signIn();
    await page.setViewportSize(PHONE);
  });
  afterAll(() => console_?.close());

  const open = async (path: string) => {
    await page.goto(console_.base + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
  };
  const bar = () => page.getByRole('navigation', { name: 'Most used' });
  const boxOf = async (locator: Locator) => {
    const box = await locator.boundingBox();
    if (box === null) throw new Error('It is not in the page.');
    return { ...box, top: box.y, bottom: box.y + box.height };
  };

  test('the bar at the bottom leads to the places that are used most, with their counts, and marks the open one', async () => {
    await open('/users');
    const alerts = bar().getByRole('link', { name: /^Alerts [1-9]\d* open$/ });
    await alerts.waitFor();
    await bar()
      .getByRole('link', { name: /^Reviews [1-9]\d* to decide$/ })
      .waitFor();
    expect(await bar().locator('[aria-current="page"]').allTextContents()).toEqual([
      expect.stringMatching(/^Users/),
    ]);
    await alerts.click();
    await page.getByRole('heading', { level: 1, name: 'Alerts' }).waitFor();
    expect(await alerts.getAttribute('aria-current')).toBe('page');
  });

  test('More opens the menu, which has all the places and closes behind the chosen one', async () => {
    await open('/');
    await bar().getByRole('button', { name: 'More' }).click();
    const menu = page.getByRole('dialog', { name: 'Menu' });
    await menu.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
    await menu.waitFor({ state: 'detached' });
  });

  test('instead of places that one may not see the bar has the next ones of the menu', async () => {
    const { email } = await joins(console_.rollcall, owner, { name: 'Rita Reader' });
    const reader = await console_.signIn({ email, password: PASSWORD });
    await reader.setViewportSize(PHONE);
    const places = reader.getByRole('navigation', { name: 'Most used' }).getByRole('link');
    await places.first().waitFor();
    const inBar = await places.allTextContents();
    await reader.getByRole('button', { name: 'More' }).click();
    const links = reader.getByRole('dialog', { name: 'Menu' }).getByRole('link');
    await links.first().waitFor();
    expect(inBar.length).toBeGreaterThan(1);
    expect(inBar.map((text) => text.trim())).toEqual((await links.allTextContents()).slice(0, 4));
    await reader.context().close();
  });

  test('its targets are 48 pixels, the page ends above it, and from 861 pixels on the menu stands there instead', async () => {
    await open('/users');
    for (const target of await bar().locator('a, button').all()) {
      const { width, height } = await boxOf(target);
      expect([width >= 48, height >= 48]).toEqual([true, true]);
    }
    const { top, bottom } = await boxOf(bar());
    expect(bottom).toBe(PHONE.height);
    expect((await boxOf(page.getByRole('main'))).bottom).toBeLessThanOrEqual(top);
    const menu = page.getByRole('navigation', { name: 'Main' });
    await page.setViewportSize({ width: 860, height: 844 });
    expect([await bar().isVisible(), await menu.isVisible()]).toEqual([true, false]);
    await page.setViewportSize({ width: 861, height: 844 });
    expect([await bar().isVisible(), await menu.isVisible()]).toEqual([false, true]);
    await page.setViewportSize(PHONE);
  });

  test('the bar of the selection and the panel stand above it', async () => {
    await open('/users');
    await page.getByRole('checkbox', { name: /Jane Doe/ }).check();
    const { top } = await boxOf(bar());
    const selected = page.getByRole('toolbar', { name: 'With the selected rows' });
    expect((await boxOf(selected)).bottom).toBeLessThanOrEqual(top);
    await selected.getByRole('button', { name: 'Clear the selection' }).click();
    await page
      .getByRole('row', { name: /Jane Doe/ })
      .getByText('Active')
      .click();
    const panel = page.getByRole('complementary');
    await panel.waitFor();
    expect((await boxOf(panel)).bottom).toBeLessThanOrEqual(top);
  });

  test('from right to left the bar begins at the right and nothing is cut off', async () => {
    await open('/users');
    await page.evaluate("document.documentElement.dir = 'rtl'");
    const [first, more] = [
      await boxOf(bar().getByRole('link', { name: 'Home' })),
      await boxOf(bar().getByRole('button', { name: 'More' })),
    ];
    expect([first.x + first.width, more.x]).toEqual([PHONE.width, 0]);
  });

  test('the search of everything stands in the header of each page', async () => {
    for (const path of ['/users', `/groups/${group}`]) {
      await open(path);
      await page.getByRole('button', { name: 'Search or run a command' }).click();
      await page.getByRole('textbox', { name: 'Search people, groups and pages' }).waitFor();
      await page.keyboard.press('Escape');
    }
  });

  test('no page hints at keys', async () => {
    for (const path of ['/', '/users', `/reviews/${review}`, '/single-sign-on']) {
      await open(path);
      expect([path, await page.locator('kbd').filter({ visible: true }).count()]).toEqual([path, 0]);
    }
    await bar().getByRole('button', { name: 'More' }).click();
    await page.getByRole('dialog', { name: 'Menu' }).getByRole('link', { name: 'Audit' }).waitFor();
    expect(await page.locator('kbd').filter({ visible: true }).count()).toBe(0);
  });

  test('above the items of a review are its progress and two lines, its report and its end are in one menu', async () => {
    await open(`/reviews/${review}`);
    await page.getByText(/^0 of \d+ decided$/).waitFor();
    const keep = page.getByRole('button', { name: /^Keep all \d+ low risk$/ });
    const [which, search, filter, low] = [
      await boxOf(page.getByRole('radiogroup', { name: 'Which items' })),
      await boxOf(page.getByRole('searchbox')),
      await boxOf(page.getByRole('button', { name: 'Filter' })),
      await boxOf(keep),
    ];
    const isBeside = (one: { top: number; bottom: number }, other: typeof one) =>
      one.top < other.bottom && other.top < one.bottom;
    expect([isBeside(which, search), isBeside(filter, low), which.bottom <= filter.top]).toEqual([
      true,
      true,
      true,
    ]);
    expect((await boxOf(page.getByRole('table'))).top).toBeLessThan(200);
    await page.getByRole('button', { name: 'Report, reviewers and end' }).click();
    expect(await page.getByRole('menuitem').allTextContents()).toEqual([
      'Download the report as CSV',
      'Evidence for auditors…',
      'Reviewers…',
      'Close review…',
    ]);
    await page.getByRole('menuitem', { name: 'Close review…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  });

  test('the address of a webhook breaks between its parts, above its acts', async () => {
    const url = 'https://hooks.halden-instruments.example/directory';
    const made = await owner.post('/webhooks', { url, events: ['*'] }).expect(201);
    await open(`/webhooks/${made.body.webhook.id}`);
    const title = page.getByRole('heading', { level: 1, name: url });
    await title.waitFor();
    const lines = await page.evaluate(`(() => {
      const text = document.querySelector('h1').firstChild;
      const topOf = (at) => {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        return range.getBoundingClientRect().top;
      };
      return [...text.data].filter((_, at) => at + 1 < text.length && topOf(at) !== topOf(at + 1));
    })()`);
    expect(lines).toEqual(['-']);
    const act = await boxOf(page.getByRole('button', { name: 'Send a test' }));
    expect(act.top).toBeGreaterThanOrEqual((await boxOf(title)).bottom);
  });

  test('the health of a connection is read whole in the list', async () => {
    await owner
      .post('/sso/connections', { name: 'Entra ID', protocol: 'saml', provider: 'entra' })
      .expect(201);
    await open('/provisioning');
    for (const words of ['Sign-in only', 'Waiting for the first request']) {
      const state = page.getByText(words);
      await state.waitFor();
      const over = await page.evaluate(`[...document.querySelectorAll('td:nth-child(2)')].map((cell) => [
        cell.scrollWidth - cell.clientWidth,
        cell.scrollHeight - cell.clientHeight,
      ])`);
      expect(over).toEqual([
        [0, 0],
        [0, 0],
      ]);
    }
  });

  test('lists begin in the upper quarter of the screen', async () => {
    for (const [path, above] of [
      ['/users', 100],
      ['/groups', 100],
      ['/audit', 200],
      ['/api-keys', 110],
    ] as const) {
      await open(path);
      const { top } = await boxOf(page.getByRole('table').first());
      expect([path, top < above, top]).toEqual([path, true, top]);
    }
    await open('/alerts');
    expect((await boxOf(page.getByRole('list', { name: 'Open' }))).top).toBeLessThan(120);
  });

  test('under fingers each control above a list is 44 pixels high, and no field has letters that Safari zooms into', async () => {
    const browser = await page.context().newCDPSession(page);
    await browser.send('Emulation.setDeviceMetricsOverride', {
      ...PHONE,
      deviceScaleFactor: 1,
      mobile: true,
    });
    await browser.send('Emulation.setTouchEmulationEnabled', { enabled: true });
    await open('/users?status=active');
    expect(await page.evaluate("matchMedia('(pointer: coarse)').matches")).toBe(true);
    const field = page.getByRole('searchbox');
    const remove = page.getByRole('button', { name: 'Remove the filter by status' });
    for (const control of [field, remove, page.getByRole('button', { name: 'Filter', exact: true })]) {
      expect((await boxOf(control)).height).toBeGreaterThanOrEqual(44);
    }
    expect(
      await page.evaluate("getComputedStyle(document.querySelector('input[type=search]')).fontSize"),
    ).toBe('16px');
    await open(`/reviews/${review}`);
    const [which] = await page.getByRole('radiogroup', { name: 'Which items' }).locator('label').all();
    expect((await boxOf(which as Locator)).height).toBeGreaterThanOrEqual(44);
    await browser.send('Emulation.setTouchEmulationEnabled', { enabled: false });
    await browser.send('Emulation.clearDeviceMetricsOverride');
    await browser.detach();
    await page.setViewportSize(PHONE);
  });

  test('axe finds nothing with the bar, light and dark', async () => {
    for (const path of ['/', '/users', `/reviews/${review}`]) {
      await open(path);
      expect([path, await problemsInBothSchemes(page)]).toEqual([path, []]);
    }
    await bar().getByRole('button', { name: 'More' }).click();
    await page.getByRole('dialog', { name: 'Menu' }).getByRole('link', { name: 'Audit' }).waitFor();
    expect(await problemsInBothSchemes(page)).toEqual([]);
  });

  test('at 360 pixels nothing is wider than the page', async () => {
    await page.setViewportSize({ width: 360, height: 720 });
    const paths = [
      ...[
        '/',
        '/users',
        '/users/import',
        '/account',
        '/posture',
        '/help',
        '/elevations',
        '/groups',
        '/reviews',
      ],
      ...[
        `/reviews/${review}`,
        `/groups/${group}`,
        '/alerts',
        '/activity',
        '/audit',
        '/history',
        '/api-keys',
      ],
      ...['/service-accounts', '/single-sign-on', '/provisioning'],
      `/provisioning/${console_.organization.connection}?tab=log`,
    ];
    for (const path of paths) {
      await open(path);
      const { pathname, search } = new URL(page.url());
      expect(pathname + search).toBe(path);
      const over = await page.evaluate(
        `['html', 'main', 'main header'].map((part) => {
          const { scrollWidth, clientWidth } = document.querySelector(part);
          return scrollWidth - clientWidth;
        })`,
      );
      expect([path, over]).toEqual([path, [0, 0, 0]]);
    }
    await page.setViewportSize(PHONE);
    expect(console_.complaints).toEqual([]);
  });
});
