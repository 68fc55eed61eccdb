import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { demonstrationOf } from './support.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeEach(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization({ name: 'Contoso' });
  owner = await signInAsOwner(rollcall, organization);
  await owner.post('/demonstration').expect(202);
}, 60_000);
afterEach(() => rollcall.close());

async function percentReaches(percent: number): Promise<void> {
  for (let left = 600; left > 0; left -= 1) {
    const { body } = await owner.get('/demonstration').expect(200);
    if (body.percent >= percent) return;
    await delay(50);
  }
  throw new Error('The demonstration was not loaded so far.');
}

const organizations = () =>
  rollcall.rollcall.db.search<{ id: string }>('select id from organizations order by id', []);

test('a load that was cut off begins again, and leaves one demonstration', async () => {
  const worker = await rollcall.rollcall.work();
  await percentReaches(16);
  const first = await demonstrationOf(rollcall, organization.org);
  await worker.stop();
  expect((await owner.get('/demonstration')).body).toMatchObject({ state: 'loading' });
  await rollcall.rollcall.runDueJobsOnce();
  expect((await owner.get('/demonstration')).body).toMatchObject({ state: 'ready', percent: 100 });
  const second = await demonstrationOf(rollcall, organization.org);
  expect(second).not.toBe(first);
  expect(await organizations()).toHaveLength(2);
}, 120_000);

test('a demonstration that is being loaded is removed on request, by the job that loads it', async () => {
  const loading = rollcall.rollcall.runDueJobsOnce();
  await percentReaches(3);
  await owner.delete('/demonstration').expect(202);
  await loading;
  expect((await owner.get('/demonstration')).body).toMatchObject({ state: 'none' });
  expect(await organizations()).toEqual([{ id: organization.org }]);
}, 120_000);
