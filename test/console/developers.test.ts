import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { accessibilityProblems, CHROMIUM, startConsole, type TestConsole } from '../support/console.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';

let console_: TestConsole;
let page: Page;
let owner: TestUser;
let mailServer: MailServer;
let receiver: Server;
let answers = 204;

(CHROMIUM === undefined ? describe.skip : describe)('the pages of developers', () => {
  beforeAll(async () => {
    mailServer = await startMailServer(false);
    mailServer.onRecipient = async () => 550;
    receiver = createServer((_request, response) => response.writeHead(answers).end());
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    console_ = await startConsole({ mail: mailServer.options, allowPrivateWebhooks: true });
    owner = await signInAsOwner(console_.rollcall, console_.organization);
    page = await console_.signIn();
  });
  afterAll(async () => {
    await console_?.close();
    await mailServer?.stop();
    receiver?.close();
  });

  const work = () => console_.rollcall.rollcall.runDueJobsOnce();

  test('R123: an API key is shown once, works, and is revoked for good', async () => {
    await page.goto(`${console_.base}/api-keys`);
    await page.getByRole('button', { name: 'Make a key' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Make an API key' });
    await dialog.getByLabel('Name').fill('Nightly report');
    await dialog
      .getByRole('combobox', { name: 'Permissions' })
      .or(dialog.getByLabel('Permissions'))
      .first()
      .click();
    await page.getByRole('option', { name: /users:read/ }).click();
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: 'Make the key' }).click();
    const shown = page.getByRole('dialog', { name: 'The key Nightly report' });
    const token = await shown.locator('code').first().textContent();
    const ask = () =>
      fetch(`${console_.base}/api/v1/users`, { headers: { Authorization: `Bearer ${token}` } });
    expect((await ask()).status).toBe(200);
    await shown.getByRole('button', { name: 'I have copied the token' }).click();
    expect(await page.content()).not.toContain(token);
    await page
      .getByRole('row', { name: /Nightly report/ })
      .getByRole('button', { name: 'Revoke…' })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke Nightly report' }).click();
    await page.getByText('Nightly report was revoked.').waitFor();
    expect((await ask()).status).toBe(401);
  });

  test('a service account is added with an owner, gets a key, and is deactivated with Undo', async () => {
    await page.goto(`${console_.base}/service-accounts`);
    await page.getByRole('button', { name: 'Add a service account' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Add a service account' });
    await dialog.getByLabel('Name').fill('Warehouse sync');
    await dialog.getByRole('button', { name: 'Add the service account' }).click();
    const panel = page.getByRole('complementary', { name: 'Warehouse sync' });
    await panel.getByText('None: it cannot do anything yet.').waitFor();
    await panel.getByRole('button', { name: 'Deactivate' }).click();
    await page.getByText('Warehouse sync was deactivated.').waitFor();
    await panel.getByText('Inactive').waitFor();
    await page.keyboard.press('z');
    await panel.getByRole('button', { name: 'Deactivate' }).waitFor();
    const { data } = (await owner.get('/service-accounts')).body;
    expect(data).toMatchObject([{ name: 'Warehouse sync', status: 'active', owner: { id: owner.id } }]);
  });

  test('a webhook shows its secret once, what was sent with the body, and sends it again', async () => {
    await page.goto(`${console_.base}/webhooks`);
    await page.getByRole('button', { name: 'Add a webhook' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Add a webhook' });
    const { port } = receiver.address() as AddressInfo;
    await dialog.getByLabel('Address').fill(`http://127.0.0.1:${port}/hook`);
    await dialog.getByLabel('Events').first().fill('group.created');
    await page.getByRole('option', { name: /group\.created/ }).click();
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: 'Add the webhook' }).click();
    const secret = page.getByRole('dialog', { name: 'The webhook was added' });
    expect(await secret.locator('code').first().textContent()).toMatch(/^whsec_/);
    await secret.getByRole('button', { name: 'I have copied the secret' }).click();
    await page.getByRole('link', { name: /127\.0\.0\.1/ }).click();
    answers = 500;
    await page.getByRole('button', { name: 'Send a test' }).click();
    const panel = page.getByRole('complementary', { name: 'Delivery' });
    await panel.getByText('webhook.tested').first().waitFor();
    await console_.rollcall.rollcall.deliverWebhooks();
    await panel.getByText('500').first().waitFor();
    expect(await panel.getByRole('region', { name: 'Body' }).textContent()).toContain('"webhook.tested"');
    answers = 204;
    await panel.getByRole('button', { name: 'Send it again' }).click();
    await page.getByText('The delivery is being sent again.').waitFor();
    await console_.rollcall.rollcall.deliverWebhooks();
    await panel.getByText('Delivered').waitFor();
    // The list is asked for again by itself only after ten seconds.
    await page.getByRole('table').getByText('Delivered').waitFor({ timeout: 5_000 });
    await page.getByText('Failing').waitFor({ state: 'detached', timeout: 5_000 });
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('a dead job says why, and is retried or discarded', async () => {
    await owner.post('/invitations', { email: 'ann@halden.example' }).expect(201);
    await work();
    await page.goto(`${console_.base}/jobs?state=dead`);
    await page.getByRole('button', { name: 'send mail' }).first().click();
    const panel = page.getByRole('complementary', { name: 'Job' });
    await panel.getByText(/550/).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await panel.getByRole('button', { name: 'Retry' }).click();
    await page.getByText('The job was put back.').waitFor();
    await work();
    await page.goto(`${console_.base}/jobs?state=dead`);
    await page.getByRole('button', { name: 'send mail' }).first().click();
    await panel.getByRole('button', { name: 'Discard…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard the job' }).click();
    await page.getByText('The job was discarded.').waitFor();
    expect((await owner.get('/jobs?state=dead')).body.data).toEqual([]);
  });

  test('the API reference has every route, with what it takes and answers', async () => {
    await page.goto(`${console_.base}/api-reference`);
    await page.getByLabel('Search the routes').fill('add a webhook');
    await page
      .getByRole('navigation', { name: 'Routes' })
      .getByRole('link', { name: /Add a webhook/ })
      .click();
    await page.waitForURL(/op=postWebhooks/);
    const route = page.getByRole('region', { name: 'Route' });
    await route.getByText('webhooks:manage').waitFor();
    await route.getByText('WebhookCreateRequest').waitFor();
    expect(await route.getByRole('region', { name: 'With curl' }).textContent()).toContain(
      '/api/v1/webhooks',
    );
  });

  test.each(['light', 'dark'] as const)('axe finds nothing on the %s pages', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    for (const [path, seen] of [
      ['/api-keys?tab=all&make=key', 'Make the key'],
      ['/api-keys?tab=all', 'Nightly report'],
      ['/service-accounts', 'Warehouse sync'],
      ['/webhooks?make=webhook', 'Add the webhook'],
      ['/jobs', 'Retry all dead jobs'],
      ['/api-reference?op=getWebhooks', 'List webhooks'],
    ] as const) {
      await page.goto(console_.base + path);
      await page.getByText(seen).first().waitFor();
      expect([path, await accessibilityProblems(page)]).toEqual([path, []]);
    }
  });

  test('the browser complains about nothing', () => {
    expect(console_.complaints).toEqual([]);
  });
});
