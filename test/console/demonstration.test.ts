import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Worker } from '../../src/platform/jobs/worker.ts';
import { accessibilityProblems, CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';

const describeWithBrowser = CHROMIUM === undefined ? describe.skip : describe;

describeWithBrowser('the demonstration in the console', () => {
  let console: TestConsole;
  let worker: Worker;
  let page: Page;

  beforeAll(async () => {
    console = await startConsole();
    worker = await console.rollcall.rollcall.work();
    page = await console.signIn();
  }, 60_000);
  afterAll(async () => {
    await worker.stop();
    await console.close();
  });

  const main = () => page.locator('main');
  const band = () => page.getByRole('region', { name: 'Demonstration' });

  test('Home offers a demonstration organization at a first start, loads it and shows how far it is', async () => {
    await main().getByRole('heading', { name: 'Look around in a demonstration organization' }).waitFor();
    await main().getByRole('button', { name: 'Load the demonstration' }).click();
    await main().getByRole('progressbar').waitFor();
    await main().getByRole('button', { name: 'Open the demonstration' }).waitFor({ timeout: 60_000 });
    expect(await main().innerText()).toContain('The demonstration organization is ready.');
    expect(await accessibilityProblems(page)).toEqual([]);
  }, 90_000);

  test('a band says on every page that nothing there is real', async () => {
    await main().getByRole('button', { name: 'Open the demonstration' }).click();
    await band().getByText('This is a demonstration.').waitFor();
    await page
      .getByRole('navigation', { name: 'Main' })
      .getByText('Halden Instruments (demonstration)')
      .waitFor();
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      expect(await accessibilityProblems(page)).toEqual([]);
    }
    await page.getByRole('button', { name: /Your account/ }).click();
    await page.getByRole('menuitem', { name: 'Your account' }).waitFor();
    expect(await page.getByRole('menuitem', { name: 'Sign out' }).count()).toBe(0);
    await page.keyboard.press('Escape');
  });

  test.each([
    ['/users', 'Agnieszka Wiśniewska'],
    ['/elevations', 'Clara Hoffmann'],
    ['/reviews', 'Access of the fourth quarter'],
    ['/provisioning', 'Microsoft Entra ID (laboratory)'],
    ['/alerts', 'Thandiwe Dlamini'],
    ['/activity', 'Support agent'],
    ['/audit', 'signed in with'],
    ['/api-keys', 'Reports for the works council'],
    ['/webhooks', 'https://hooks.halden-instruments.example/directory'],
  ])('%s of the demonstration has data', async (path, text) => {
    await page.goto(console.base + path);
    await main().getByText(text).first().waitFor();
    expect(await band().count()).toBe(1);
  });

  test('one comes back to the own organization without signing in', async () => {
    await band().getByRole('button', { name: 'Back to Halden Instruments' }).click();
    await main().getByRole('heading', { name: 'Set up Rollcall' }).waitFor();
    expect(await band().count()).toBe(0);
    await page.goto(`${console.base}/users`);
    await main().getByText(console.organization.ownerEmail).first().waitFor();
    expect(await main().getByText('Agnieszka').count()).toBe(0);
  });

  test('the settings page removes the demonstration, and says what goes with it', async () => {
    await page.goto(`${console.base}/settings`);
    await main().getByRole('heading', { name: 'Demonstration' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await main().getByRole('button', { name: 'Remove', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByText(/people, groups, connections, keys, reviews and audit trail are deleted/)
      .waitFor();
    await dialog.getByRole('button', { name: 'Remove the demonstration' }).click();
    await main().getByRole('button', { name: 'Load the demonstration' }).waitFor({ timeout: 30_000 });
    expect(console.complaints).toEqual([]);
  });
});
