import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

interface Row {
  readonly action: string;
  readonly outcome: string;
  readonly session_id: string | null;
  readonly ip: string | null;
  readonly reason: string | null;
  readonly request_id: string | null;
}
const eventsOf = (user: string): Promise<Row[]> =>
  rollcall.rollcall.db.search<Row>(
    `select action, outcome, session_id, host(ip) as ip, reason, request_id from events
     where $1::uuid in (target_id, member_id) or actor_id = $1::uuid::text order by id`,
    [user],
  );

test('an event has the session, the address and the request of who did it, and the reason in its own column', async () => {
  const person = await joins(rollcall, owner, { email: 'Reasoned@example.com' });
  await owner.post(`/users/${person.id}/deactivate`, { reason: 'Left for the sea.' });
  const events = await eventsOf(person.id);
  const started = events.find(({ action }) => action === 'session.started');
  expect(started?.session_id).toMatch(/^[0-9a-f-]{36}$/);
  const deactivated = events.find(({ action }) => action === 'user.deactivated');
  expect(deactivated).toMatchObject({ outcome: 'success', reason: 'Left for the sea.' });
  expect(deactivated?.ip).toMatch(/127\.0\.0\.1|::1/);
  expect(deactivated?.session_id).not.toBeNull();
  expect(deactivated?.request_id).not.toBeNull();
});

test('a SCIM event has the request and no address', async () => {
  const { body } = await organization.scim('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'no-address@example.com',
  });
  const [created] = await eventsOf(body.id);
  expect(created).toMatchObject({ action: 'user.created', ip: null, session_id: null });
  expect(created?.request_id).not.toBeNull();
});

test('the erasure of a user empties their addresses and what was written about them, and nothing else', async () => {
  const person = await joins(rollcall, owner, { email: 'erased@example.com' });
  const other = await joins(rollcall, owner, { email: 'kept@example.com' });
  await owner.post(`/users/${person.id}/deactivate`, { reason: 'Took money from the till.' });
  await owner.post(`/users/${other.id}/deactivate`, { reason: 'On leave.' });
  const before = await eventsOf(person.id);
  expect(before.filter(({ ip }) => ip !== null).length).toBeGreaterThan(1);
  await owner.delete(`/users/${person.id}`, { mode: 'hard', password: OWNER_PASSWORD }).expect(204);
  const after = (await eventsOf(person.id)).slice(0, before.length);
  expect(after.map(({ action }) => action)).toEqual(before.map(({ action }) => action));
  expect(after.filter(({ reason }) => reason !== null)).toEqual([]);
  expect(after.filter(({ action, ip }) => ip !== null && action === 'session.started')).toEqual([]);
  const byOwner = after.find(({ action }) => action === 'user.deactivated');
  expect(byOwner?.ip).not.toBeNull();
  expect((await eventsOf(other.id)).map(({ reason }) => reason)).toContain('On leave.');
});

test.each([
  `update events set reason = 'another'`,
  `update events set ip = '192.0.2.1'`,
  `update events set country = 'DE'`,
  `update events set reason = null, actor_id = 'another'`,
])('the table refuses: %s', async (sql) => {
  await expect(rollcall.rollcall.db.search(sql, [])).rejects.toThrow(/append-only|denied/);
});
