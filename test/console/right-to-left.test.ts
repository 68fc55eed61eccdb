import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';

let console_: TestConsole;
let page: Page;

const WIDTH = 1_440;

/** What reaches over the edge of its own box, where that does not scroll. */
const OVERFLOWING = `[...document.querySelectorAll('main, main header, main [role="tablist"], main aside')]
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .filter((element) => getComputedStyle(element).overflowX === 'visible')
  .map((element) => element.tagName + ' ' + element.className)`;

const TURN = `(() => {
  const turn = () => document.documentElement?.setAttribute('dir', 'rtl');
  turn();
  new MutationObserver(turn).observe(document, { childList: true });
})()`;

(CHROMIUM === undefined ? describe.skip : describe)('a reader from right to left', () => {
  beforeAll(async () => {
    console_ = await startConsole();
    page = await console_.signIn();
    await page.addInitScript(TURN);
  });
  afterAll(() => console_?.close());

  test('the menu stands at the right, panels at the left, and nothing reaches over an edge', async () => {
    for (const place of ['/users', '/audit', '/reviews', '/single-sign-on', '/history']) {
      await page.goto(console_.base + place);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      expect([place, await page.evaluate(OVERFLOWING)]).toEqual([place, []]);
    }
    const menu = await page.getByRole('navigation', { name: 'Main' }).boundingBox();
    expect((menu?.x ?? 0) + (menu?.width ?? 0)).toBe(WIDTH);
    await page.goto(`${console_.base}/users`);
    await page.getByRole('row').getByText(console_.organization.ownerEmail).waitFor();
    await page.keyboard.press('j');
    const panel = page.getByRole('complementary');
    await panel.waitFor();
    expect((await panel.boundingBox())?.x).toBe(0);
  });

  test('the mark of the open row stands where the row begins', async () => {
    const shadow = await page.evaluate(
      `getComputedStyle(document.querySelector('tr[data-open] td')).boxShadow`,
    );
    expect(shadow).toMatch(/ -2px 0px 0px 0px inset$/);
  });
});
