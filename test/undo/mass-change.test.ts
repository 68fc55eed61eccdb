import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';
import { directoryOf } from './directory.ts';

const MINUTE_MS = 60_000;
let offset = 0;
let rollcall: TestRollcall;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + offset) });
});
afterAll(() => rollcall.close());

/** An organization with so many users of Okta. */
async function provisioned(count: number) {
  offset = 0;
  const organization = await rollcall.organization();
  const owner = await signInAsOwner(rollcall, organization);
  const okta = directoryOf(rollcall, organization);
  const people = await Promise.all(Array.from({ length: count }, (_, at) => okta.create(`p${at}`)));
  return { organization, owner, okta, people };
}

const hold = async (owner: TestUser, { connection }: TestOrganization) => {
  const answer = await owner.patch(`/scim/connections/${connection}`, { holdMassChanges: true });
  expect(answer.body).toMatchObject({ holdMassChanges: true, massChangesUntil: null });
  // A token that was just verified is not looked up again for a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
};

describe('a mass change by a connection', () => {
  test('is told of at once with what undoes it, and the undo restores everybody', async () => {
    const { organization, owner, okta, people } = await provisioned(40);
    const group = await okta.group('Everyone', people);
    for (const id of people.slice(0, 20)) expect((await okta.deactivate(id)).status).toBe(200);
    for (const id of people.slice(10, 30)) {
      expect((await organization.scim('DELETE', `/Users/${id}`)).status).toBe(204);
    }
    await organization.scim('DELETE', `/Groups/${group}`);
    expect((await owner.get(`/users/${people[0]}`)).body.status).toBe('inactive');
    await rollcall.rollcall.watchForAlerts();
    const [alert] = (await owner.get('/alerts?kind=mass_change')).body.data;
    expect(alert).toMatchObject({
      severity: 'high',
      undo: { connectionId: organization.connection, from: expect.any(String), to: expect.any(String) },
    });
    await rollcall.rollcall.mailAlerts();
    const [mail] = await mailsTo(rollcall, organization.ownerEmail);
    expect(mail?.text).toContain('one undo restores them');

    const preview = (await owner.post('/undos', { ...alert.undo, to: new Date().toISOString() })).body;
    expect(preview.counts).toMatchObject({
      activated: 20,
      restored: 20,
      groupsRestored: 1,
      membershipsRestored: 40,
    });
    await okta.confirm(owner, preview);
    expect((await okta.finish(owner, preview)).counts).toMatchObject({ undo: 41, failed: 0 });
    const { body } = await organization.scim('GET', `/Groups/${group}`);
    expect(body.members.length).toBe(40);
    const list = await organization.scim('GET', '/Users?filter=active%20eq%20true&count=0');
    // The owner is one more.
    expect(list.body.totalResults).toBe(41);
  });

  test('R92: erases nobody, though the organization has deletions erase; a deletion that is none does within the hours', async () => {
    const { organization, owner, okta, people } = await provisioned(40);
    await owner.patch('/settings', { settings: { scimDeleteIsHard: true } });
    const before = people.slice(0, 2);
    for (const id of before) await organization.scim('DELETE', `/Users/${id}`);
    offset += 61 * MINUTE_MS;
    await rollcall.rollcall.purge();
    const again = await signInAsOwner(rollcall, organization);
    for (const id of before) expect((await again.get(`/users/${id}`)).status).toBe(404);

    offset += 120 * MINUTE_MS;
    const mass = people.slice(2, 14);
    const from = new Date(Date.now() + offset - 1_000);
    for (const id of mass) await organization.scim('DELETE', `/Users/${id}`);
    const to = new Date(Date.now() + offset);
    offset += 61 * MINUTE_MS;
    await rollcall.rollcall.purge();
    const later = await signInAsOwner(rollcall, organization);
    const preview = await okta.preview(later, from, to);
    expect(preview.counts).toMatchObject({ restored: 12 });
    await okta.confirm(later, preview);
    expect((await okta.finish(later, preview)).counts).toMatchObject({ restored: 12, failed: 0 });
    // They stay, whatever the schedule does.
    offset += 240 * MINUTE_MS;
    await rollcall.rollcall.purge();
    expect((await organization.scim('GET', `/Users/${mass[0]}`)).status).toBe(200);
  });

  test('is held where the connection says so, with 429 and the reason, until an administrator allows it', async () => {
    const { organization, owner, okta, people } = await provisioned(60);
    await hold(owner, organization);
    const answers = [];
    for (const id of people.slice(0, 14)) answers.push(await okta.deactivate(id));
    const statuses = answers.map(({ status }) => status);
    // The twelfth of sixty is the first that is 20 %.
    expect(statuses).toEqual([...Array(11).fill(200), ...Array(3).fill(429)]);
    const held = answers.at(-1);
    expect(held?.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(held?.body).toMatchObject({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '429',
      detail: expect.stringContaining('nothing was changed'),
    });
    expect((await owner.get(`/users/${people[13]}`)).body.status).toBe('active');
    expect((await organization.scim('DELETE', `/Users/${people[13]}`)).status).toBe(429);
    // As Entra deactivates, in a replacement of the whole user.
    const whole = { userName: 'p13@rollcall.example', active: false };
    expect((await organization.scim('PUT', `/Users/${people[13]}`, whole)).status).toBe(429);
    // All else goes on.
    const rename = [{ op: 'replace', path: 'displayName', value: 'New Name' }];
    expect((await okta.patch(`/Users/${people[13]}`, rename)).status).toBe(200);
    expect(
      (await okta.patch(`/Users/${people[0]}`, [{ op: 'replace', path: 'active', value: true }])).status,
    ).toBe(200);

    await rollcall.rollcall.watchForAlerts();
    const alerts = (await owner.get('/alerts?kind=mass_change')).body.data;
    expect(alerts.filter(({ values }: { values: object }) => 'held' in values).length).toBe(1);
    const events = (await owner.get('/audit?action=connection.mass_change_held')).body.data;
    expect(events.length).toBe(1);

    const path = `/scim/connections/${organization.connection}/allow-mass-change`;
    expect((await owner.post(path, { password: 'wrong' })).body.code).toBe('password_invalid');
    const allowed = await owner.post(path, { minutes: 30, password: OWNER_PASSWORD });
    expect([allowed.status, allowed.body.massChangesUntil]).toEqual([200, expect.any(String)]);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    for (const id of people.slice(11)) expect((await okta.deactivate(id)).status).toBe(200);
  });

  test('is held exactly, however many requests come at once', async () => {
    const { organization, owner, okta, people } = await provisioned(60);
    await hold(owner, organization);
    const answers = await Promise.all(people.map((id) => okta.deactivate(id)));
    expect(answers.filter(({ status }) => status === 200).length).toBe(11);
    expect(answers.filter(({ status }) => status === 429).length).toBe(49);
    // After the window as many again.
    offset += 61 * MINUTE_MS;
    const next = [];
    for (const [place, { status }] of answers.entries()) {
      if (status === 429 && next.length < 12)
        next.push((await okta.deactivate(people[place] as string)).status);
    }
    expect(next).toEqual([...Array(11).fill(200), 429]);
  });
});
