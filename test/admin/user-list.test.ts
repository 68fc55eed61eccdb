import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let clock = Date.parse('2026-03-01T12:00:00Z');

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(clock) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const emails = async (query: string): Promise<string[]> =>
  ((await owner.get(`/users?${query}`)).body.data as { email: string }[]).map(({ email }) => email).sort();

test('R63: a list of users has name, address, role, groups, last login and status', async () => {
  const group = (await owner.post('/groups', { name: 'Support' })).body.id as string;
  const jane = await joins(rollcall, owner, { name: 'Jane Doe', role: 'train', groups: [group] });
  const { body } = await owner.get(`/users?q=${jane.email}`);
  expect(body.data).toMatchObject([
    {
      name: 'Jane Doe',
      email: jane.email,
      role: 'train',
      groups: [{ id: group, name: 'Support' }],
      lastLoginAt: new Date(clock).toISOString(),
      status: 'active',
    },
  ]);
});

test('R68: users are found by their last login: before a time, after a time, never', async () => {
  const early = await joins(rollcall, owner);
  clock += 3_600_000;
  const middle = new Date(clock).toISOString();
  clock += 3_600_000;
  const lately = await joins(rollcall, owner);
  const never = 'never@acme.example';
  await owner.post('/invitations', { email: never });
  const before = await emails(`lastLoginBefore=${middle}`);
  expect(before).toEqual(expect.arrayContaining([early.email]));
  expect(before).not.toEqual(expect.arrayContaining([lately.email]));
  expect(await emails(`lastLoginAfter=${middle}`)).toEqual([lately.email]);
  expect(await emails('neverLoggedIn=true')).toEqual([never]);
});

test('R70: filters combine', async () => {
  const group = (await owner.post('/groups', { name: 'Sales' })).body.id as string;
  const [active, inactive] = [
    await joins(rollcall, owner, { groups: [group] }),
    await joins(rollcall, owner, { groups: [group] }),
  ];
  await owner.post(`/users/${inactive.id}/deactivate`, {});
  expect(await emails(`group=${group}&status=active&role=readonly`)).toEqual([active.email]);
  expect(await emails(`group=${group}&status=active&role=train`)).toEqual([]);
});

test('R64, R137: a search by address shows whether a user is active, pending or inactive', async () => {
  const statusOf = async (email: string) => (await owner.get(`/users?q=${email}`)).body.data[0].status;
  const user = await joins(rollcall, owner);
  expect(await statusOf(user.email)).toBe('active');
  await owner.post(`/users/${user.id}/deactivate`, {});
  expect(await statusOf(user.email)).toBe('inactive');
  await owner.post('/invitations', { email: 'invited@acme.example' });
  expect(await statusOf('invited@acme.example')).toBe('pending');
});
