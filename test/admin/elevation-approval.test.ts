import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, mailsTo, signInAsOwner, type TestPerson, withKey } from '../support/admin.ts';
import { startRollcall, type TestRollcall, type TestTenant } from '../support/rollcall.ts';

const WHY = 'Needed for the incident of tonight.';
let rollcall: TestRollcall;
let tenant: TestTenant;
let owner: TestPerson;
let admin: TestPerson;

beforeAll(async () => {
  rollcall = await startRollcall();
  tenant = await rollcall.tenant({ name: 'Acme' });
  owner = await signInAsOwner(rollcall, tenant);
  admin = await joins(rollcall, owner, { role: 'admin' });
});
afterAll(() => rollcall.close());

const everything = { train: true, configure: true, admin: true };
const set = (by: TestPerson, settings: object) => by.patch('/settings', { settings });
const needing = (approval: Partial<typeof everything>) =>
  set(owner, { elevationApproval: { ...everything, ...approval } });
const ask = (who: TestPerson, role: string, more: object = {}) =>
  who.post('/me/elevations', { role, justification: WHY, ...more });
const role = async (who: TestPerson) => (await owner.get(`/users/${who.id}`)).body.effectiveRole;

describe('whether a request of one’s own needs an approval is a setting per role', () => {
  test('every role does until somebody sets otherwise', async () => {
    expect((await owner.get('/settings')).body.settings.elevationApproval).toEqual(everything);
    for (const wanted of ['train', 'configure', 'admin']) {
      expect((await ask(await joins(rollcall, owner), wanted)).body.state).toBe('pending');
    }
  });

  test('a role that needs none is held at once, until its end, with an event and a mail; others wait', async () => {
    await needing({ configure: false });
    const person = await joins(rollcall, owner);
    const asked = await ask(person, 'configure', { durationMinutes: 60, ticket: 'OPS-7' });
    expect([asked.status, asked.body]).toMatchObject([
      201,
      { state: 'active', ticket: 'OPS-7', decidedBy: null, requestedBy: { type: 'user', id: person.id } },
    ]);
    expect(Date.parse(asked.body.expiresAt) - Date.parse(asked.body.startsAt)).toBe(3_600_000);
    expect(await role(person)).toBe('configure');
    expect((await ask(person, 'admin')).body.state).toBe('pending');
    const events = await rollcall.rollcall.db.search<{ action: string; changes: { reason: string } }>(
      'select action, changes from events where org_id = $1 and target_id = $2',
      [tenant.org, asked.body.id],
    );
    expect(events).toMatchObject([{ action: 'elevation.granted', changes: { reason: WHY } }]);
    const mail = (await mailsTo(rollcall, person.email)).at(-1);
    expect(mail?.text).toContain('Acme gave you temporary configure access');
    expect((await person.post(`/elevations/${asked.body.id}/revoke`, {})).body.state).toBe('revoked');
    expect(await role(person)).toBe('readonly');
  });

  test('all else holds: a justification, 24 hours at most, a higher role, never owner, training first', async () => {
    await needing({ train: false, configure: false, admin: false });
    const person = await joins(rollcall, owner, { role: 'train' });
    expect((await ask(person, 'admin', { justification: 'because' })).body.code).toBe(
      'justification_required',
    );
    expect((await ask(person, 'admin', { durationMinutes: 1_441 })).body.code).toBe('too_long');
    expect((await ask(person, 'train')).body.code).toBe('not_higher');
    expect((await ask(person, 'owner')).status).toBe(422);
    await set(owner, { trainingRequired: true });
    const refused = await ask(person, 'admin');
    await set(owner, { trainingRequired: false });
    expect(refused.body.code).toBe('training_required');
    expect(await role(person)).toBe('train');
  });

  test('a request that waits goes on waiting when the setting changes', async () => {
    await needing({});
    const person = await joins(rollcall, owner);
    const { id } = (await ask(person, 'train')).body;
    await needing({ train: false });
    expect((await owner.get(`/users/${person.id}/elevations`)).body.data[0]).toMatchObject({
      id,
      state: 'pending',
    });
    expect((await owner.post(`/elevations/${id}/approve`)).body.state).toBe('active');
  });

  test('guard rule 4: where only Super Admins grant admin, a request for it waits for one, and nobody else opens it', async () => {
    await set(owner, { onlyOwnersGrantAdmin: true });
    const opened = await set(admin, { elevationApproval: { ...everything, admin: false } });
    expect([opened.status, opened.body.code]).toEqual([403, 'role_above_limit']);
    expect((await set(admin, { elevationApproval: { ...everything, configure: false } })).status).toBe(200);
    await needing({ admin: false });
    const asked = await ask(await joins(rollcall, owner), 'admin');
    expect(asked.body.state).toBe('pending');
    expect((await admin.post(`/elevations/${asked.body.id}/approve`)).body.code).toBe('role_above_limit');
    await set(owner, { onlyOwnersGrantAdmin: false });
  });

  test('a request is taken back by the user who made it, not by an administrator', async () => {
    await needing({});
    const person = await joins(rollcall, owner);
    const { id } = (await ask(person, 'train')).body;
    for (const other of [admin, owner]) {
      const refused = await other.post(`/elevations/${id}/cancel`);
      expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    }
    expect((await person.post(`/elevations/${id}/cancel`)).body.state).toBe('cancelled');
  });

  test('guard rule 6: an API key only ever asks', async () => {
    await needing({ train: false, configure: false, admin: false });
    const manager = await joins(rollcall, owner, { role: 'configure' });
    const { token } = (await manager.post('/me/api-keys', { name: 'x', scopes: ['elevation:request'] })).body;
    expect((await ask(withKey(rollcall.server, token), 'admin')).body.state).toBe('pending');
    expect(await role(manager)).toBe('configure');
  });

  test('the setting is whole: a part of it, or a role that is none, is refused', async () => {
    for (const elevationApproval of [{ train: false }, { ...everything, owner: false }, false]) {
      expect((await set(owner, { elevationApproval })).status).toBe(422);
    }
  });
});
