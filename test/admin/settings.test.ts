import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let admin: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization({ name: 'Acme' });
  owner = await signInAsOwner(rollcall, organization);
  admin = await joins(rollcall, owner, { role: 'admin' });
});
afterAll(() => rollcall.close());

describe('the settings of an organization', () => {
  test('are there before anybody has set one, with the name and a version', async () => {
    const { body, headers } = await admin.get('/settings');
    expect(body).toMatchObject({
      name: 'Acme',
      version: 1,
      settings: { onlyOwnersGrantAdmin: false, autoUnlockMinutes: null, sessionMaxHours: 168 },
    });
    expect(headers['etag']).toBe('"1"');
  });

  test('what is left out stays, and does not fall back to the default', async () => {
    await admin.patch('/settings', { settings: { sessionIdleMinutes: 60 } });
    const { body } = await admin.patch('/settings', { name: 'Acme Ltd', settings: { purgeAfterDays: 7 } });
    expect(body).toMatchObject({ name: 'Acme Ltd', settings: { sessionIdleMinutes: 60, purgeAfterDays: 7 } });
    expect((await admin.get('/settings')).body).toEqual(body);
    expect((await admin.patch('/settings', {})).body.version).toBe(body.version);
  });

  test('If-Match: a change of an old version is 412; of two concurrent ones, one wins', async () => {
    const { version } = (await admin.get('/settings')).body;
    const answers = await Promise.allSettled(
      [10, 11].map((purgeAfterDays) =>
        admin.patch('/settings', { settings: { purgeAfterDays } }).set('If-Match', `"${version}"`),
      ),
    );
    const statuses = answers.map((each) => (each.status === 'fulfilled' ? each.value.status : 0));
    expect(statuses.sort()).toEqual([200, 412]);
  });

  test('an unknown setting, or one out of range, is rejected with its name', async () => {
    const unknown = await admin.patch('/settings', { settings: { colour: 'red' } });
    expect([unknown.status, unknown.body.errors[0].path]).toEqual([422, 'settings.colour']);
    const wide = await admin.patch('/settings', { settings: { autoUnlockMinutes: 0 } });
    expect([wide.status, wide.body.errors[0].path]).toEqual([422, 'settings.autoUnlockMinutes']);
    const twice = [1, 2].map(() => ({ key: 'same', label: 'Same' }));
    expect((await admin.patch('/settings', { settings: { onboardingItems: twice } })).status).toBe(422);
  });

  test('guard rule 4: only an owner decides whether only owners grant admin, and it takes effect immediately', async () => {
    const change = { settings: { onlyOwnersGrantAdmin: true } };
    const refused = await admin.patch('/settings', change);
    expect([refused.status, refused.body.code]).toEqual([403, 'owner_only']);
    expect((await owner.patch('/settings', change)).status).toBe(200);
    // To send it unchanged with something else is no change of it.
    expect(
      (await admin.patch('/settings', { settings: { ...change.settings, purgeAfterDays: 9 } })).status,
    ).toBe(200);
    const invited = await admin.post('/invitations', {
      email: 'boss@rollcall.example',
      role: 'admin',
      reason: 'Runs the place.',
    });
    expect(invited.body.code).toBe('role_above_limit');
    await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: false } });
  });

  test('R107: what was changed is an event with the old value and the new', async () => {
    await owner.patch('/settings', { settings: { scimDeleteIsHard: true } });
    const rows = await rollcall.rollcall.db.search<{ changes: unknown }>(
      `select changes from events where org_id = $1 and action = 'settings.updated' order by id desc limit 1`,
      [organization.org],
    );
    expect(rows[0]?.changes).toEqual({ values: { scimDeleteIsHard: [false, true] } });
  });

  test('apply to sessions immediately', async () => {
    const user = await joins(rollcall, owner);
    await rollcall.rollcall.db.search(
      `update sessions set seen_at = now() - interval '30 minutes' where user_id = $1`,
      [user.id],
    );
    expect((await owner.patch('/settings', { settings: { sessionIdleMinutes: 20 } })).status).toBe(200);
    expect((await user.get('/me')).status).toBe(401);
  });

  test('trespassing: a manager is rejected, and each organization has its own', async () => {
    const manager = await joins(rollcall, owner, { role: 'configure' });
    expect((await manager.get('/settings')).status).toBe(403);
    expect((await manager.patch('/settings', { name: 'Mine' })).status).toBe(403);
    const foreign = await signInAsOwner(rollcall, await rollcall.organization({ name: 'Others' }));
    expect((await foreign.get('/settings')).body.name).toBe('Others');
  });
});
