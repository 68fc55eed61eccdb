import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, mailsTo, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const WHY = 'Needed for the incident of tonight.';
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

const everything = { train: true, configure: true, admin: true };
const set = (by: TestUser, settings: object) => by.patch('/settings', { settings });
const needing = (approval: Partial<typeof everything>) =>
  set(owner, { elevationApproval: { ...everything, ...approval } });
const ask = (who: TestUser, role: string, more: object = {}) =>
  who.post('/me/elevations', { role, justification: WHY, ...more });
const role = async (who: TestUser) => (await owner.get(`/users/${who.id}`)).body.effectiveRole;

describe('whether a request of one’s own needs an approval is a setting per role', () => {
  test('every role does until a user sets otherwise', async () => {
    expect((await owner.get('/settings')).body.settings.elevationApproval).toEqual(everything);
    for (const wanted of ['train', 'configure', 'admin']) {
      expect((await ask(await joins(rollcall, owner), wanted)).body.state).toBe('pending');
    }
  });

  test('a role that needs no approval takes effect immediately, with an event and a mail; others wait', async () => {
    await needing({ configure: false });
    const user = await joins(rollcall, owner);
    const requested = await ask(user, 'configure', { durationMinutes: 60, ticket: 'OPS-7' });
    expect([requested.status, requested.body]).toMatchObject([
      201,
      { state: 'active', ticket: 'OPS-7', decidedBy: null, requestedBy: { type: 'user', id: user.id } },
    ]);
    expect(Date.parse(requested.body.expiresAt) - Date.parse(requested.body.startsAt)).toBe(3_600_000);
    expect(await role(user)).toBe('configure');
    expect((await ask(user, 'admin')).body.state).toBe('pending');
    const events = await rollcall.rollcall.db.search<{ action: string; reason: string }>(
      'select action, reason from events where org_id = $1 and target_id = $2',
      [organization.org, requested.body.id],
    );
    expect(events).toMatchObject([{ action: 'elevation.granted', reason: WHY }]);
    const mail = (await mailsTo(rollcall, user.email)).at(-1);
    expect(mail?.text).toContain('Acme gave you temporary configure access');
    expect((await user.post(`/elevations/${requested.body.id}/revoke`, {})).body.state).toBe('revoked');
    expect(await role(user)).toBe('readonly');
  });

  test('all other rules apply: a justification, 24 hours at most, a higher role, never owner, training first', async () => {
    await needing({ train: false, configure: false, admin: false });
    const user = await joins(rollcall, owner, { role: 'train' });
    expect((await ask(user, 'admin', { justification: 'because' })).body.code).toBe('justification_required');
    expect((await ask(user, 'admin', { durationMinutes: 1_441 })).body.code).toBe('too_long');
    expect((await ask(user, 'train')).body.code).toBe('not_higher');
    expect((await ask(user, 'owner')).status).toBe(422);
    await set(owner, { trainingRequired: true });
    const refused = await ask(user, 'admin');
    await set(owner, { trainingRequired: false });
    expect(refused.body.code).toBe('training_required');
    expect(await role(user)).toBe('train');
  });

  test('a request that waits keeps waiting when the setting changes', async () => {
    await needing({});
    const user = await joins(rollcall, owner);
    const { id } = (await ask(user, 'train')).body;
    await needing({ train: false });
    expect((await owner.get(`/users/${user.id}/elevations`)).body.data[0]).toMatchObject({
      id,
      state: 'pending',
    });
    expect((await owner.post(`/elevations/${id}/approve`)).body.state).toBe('active');
  });

  test('guard rule 4: where only owners grant admin, a request for it waits for one, and no other user opens it', async () => {
    await set(owner, { onlyOwnersGrantAdmin: true });
    const opened = await set(admin, { elevationApproval: { ...everything, admin: false } });
    expect([opened.status, opened.body.code]).toEqual([403, 'role_above_limit']);
    expect((await set(admin, { elevationApproval: { ...everything, configure: false } })).status).toBe(200);
    await needing({ admin: false });
    const requested = await ask(await joins(rollcall, owner), 'admin');
    expect(requested.body.state).toBe('pending');
    expect((await admin.post(`/elevations/${requested.body.id}/approve`)).body.code).toBe('role_above_limit');
    await set(owner, { onlyOwnersGrantAdmin: false });
  });

  test('a request is accepted back by the user who made it, not by an administrator', async () => {
    await needing({});
    const user = await joins(rollcall, owner);
    const { id } = (await ask(user, 'train')).body;
    for (const other of [admin, owner]) {
      const refused = await other.post(`/elevations/${id}/cancel`);
      expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    }
    expect((await user.post(`/elevations/${id}/cancel`)).body.state).toBe('cancelled');
  });

  test('guard rule 6: an API key only ever asks', async () => {
    await needing({ train: false, configure: false, admin: false });
    const manager = await joins(rollcall, owner, { role: 'configure' });
    const { token } = (await manager.post('/me/api-keys', { name: 'x', scopes: ['elevation:request'] })).body;
    expect((await ask(withKey(rollcall.server, token), 'admin')).body.state).toBe('pending');
    expect(await role(manager)).toBe('configure');
  });

  test('the setting is complete: a part of it, or an unknown role, is rejected', async () => {
    for (const elevationApproval of [{ train: false }, { ...everything, owner: false }, false]) {
      expect((await set(owner, { elevationApproval })).status).toBe(422);
    }
  });
});
