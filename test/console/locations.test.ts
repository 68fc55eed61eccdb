import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import type { Page } from 'playwright-core';
import request from 'supertest';
import { openLocationFile, watchLocationFiles } from '../../src/platform/locations/locations.ts';
import { joins, PASSWORD, signInAsOwner, type TestUser } from '../support/admin.ts';
import { CHROMIUM, problemsInBothSchemes, startConsole, type TestConsole } from '../support/console.ts';
import { writeMmdb } from '../support/mmdb.ts';

const DAY_MS = 86_400_000;
const GERMANY = '84.140.10.7';
const FRANCE = '90.10.1.7';

const networks = {
  '84.140.0.0/16': {
    country: { iso_code: 'DE' },
    autonomous_system_number: 3320,
    autonomous_system_organization: 'Deutsche Telekom AG',
  },
  '90.10.0.0/16': {
    country: { iso_code: 'FR' },
    autonomous_system_number: 3215,
    autonomous_system_organization: 'Orange S.A.',
  },
};

let folder: string;
let clock = Date.now() - 16 * DAY_MS;
let console_: TestConsole;
let page: Page;
let jane: TestUser;

const signIn = (ip: string, password = PASSWORD) =>
  request(console_.rollcall.server)
    .post('/api/v1/auth/login')
    .set('X-Forwarded-For', ip)
    .send({ email: jane.email, password });

(CHROMIUM === undefined ? describe.skip : describe)('Where addresses are', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-locations-'));
    const file = join(folder, 'both.mmdb');
    await writeFile(file, writeMmdb({ networks }));
    const { locate } = watchLocationFiles([await openLocationFile(file)], { log: pino({ level: 'silent' }) });
    console_ = await startConsole({ trustProxy: 1, locate, now: () => new Date(clock) });
    const { rollcall, organization } = console_;
    jane = await joins(rollcall, await signInAsOwner(rollcall, organization), { name: 'Jane Doe' });
    for (let round = 0; round < 12; round += 1) await signIn(GERMANY).expect(200);
    clock += 15 * DAY_MS;
    await signIn(FRANCE, 'wrong').expect(401);
    await signIn(FRANCE).expect(200);
    await rollcall.rollcall.watchForAlerts();
    page = await console_.signIn();
  });
  afterAll(async () => {
    await console_?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('R110: an alert says where a sign-in came from, what of it is new, and what is usual', async () => {
    await page.goto(`${console_.base}/alerts?kind=new_location`);
    const detail = page.getByRole('region', { name: /Jane Doe/ });
    await detail.getByText(/\(France, AS3215 Orange S\.A\.\)/).waitFor();
    await detail.getByRole('row', { name: 'Country France New' }).waitFor();
    await detail.getByRole('row', { name: 'AS number 3215 Orange S.A. New' }).waitFor();
    await detail.getByRole('row', { name: 'Usual location Germany, AS3320 Deutsche Telekom AG' }).waitFor();
    expect(await problemsInBothSchemes(page)).toEqual([]);
  });

  test('R140: the Security tab and the activity of a person show it beside addresses', async () => {
    await page.goto(`${console_.base}/users/${jane.id}?tab=security`);
    await page.getByText(`${FRANCE}, France, AS3215 Orange S.A.`).first().waitFor();
    expect(await problemsInBothSchemes(page)).toEqual([]);
    await page.goto(`${console_.base}/users/${jane.id}?tab=activity`);
    await page.getByText(`${FRANCE}, France, AS3215 Orange S.A.`).first().waitFor();
  });

  test('an event shows the country that was recorded with it', async () => {
    await page.goto(`${console_.base}/audit?action=auth.failed`);
    await page
      .getByRole('row', { name: /Jane Doe/ })
      .first()
      .click();
    await page.getByText(`${FRANCE}, France`).waitFor();
    expect(console_.complaints).toEqual([]);
  });
});
