import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, PASSWORD, signIn, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY } from '../support/sso.ts';

interface Figure {
  readonly key: string;
  readonly count: number;
  readonly percent: number | null;
  readonly warning: string | null;
  readonly previous: { readonly count: number; readonly percent: number } | null;
}

const DAY_MS = 86_400_000;
const SOFT = { mode: 'soft', password: OWNER_PASSWORD };
let clock = Date.now();
let rollcall: TestRollcall;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(clock), secretKey: SECRET_KEY });
});
afterAll(() => rollcall.close());

const begin = async (): Promise<[TestOrganization, TestUser]> => {
  const organization = await rollcall.organization({ now: () => new Date(clock) });
  return [organization, await signInAsOwner(rollcall, organization)];
};
const postureOf = async (user: TestUser) => {
  const { status, body } = await user.get('/posture');
  expect(status).toBe(200);
  const figures = body.figures as Figure[];
  return { ...body, figure: (key: string) => figures.find((each) => each.key === key) };
};

describe('R135 the posture of an organization', () => {
  test('counts roles by whatever way they are given, and compares them with thirty days before', async () => {
    const [organization, first] = await begin();
    const { id: group } = (await first.post('/groups', { name: 'Builders' })).body;
    await first.patch(`/groups/${group}`, { role: 'configure' }).expect(200);
    await joins(rollcall, first, { groups: [group] });
    const admin = await joins(rollcall, first, { role: 'admin' });
    const reader = await joins(rollcall, first);
    expect((await postureOf(first)).previous).toBeNull();

    clock += 31 * DAY_MS;
    const owner = await signInAsOwner(rollcall, organization);
    await joins(rollcall, owner, { role: 'admin' });
    await owner.patch(`/groups/${group}`, { role: 'readonly' }).expect(200);
    await owner.post(`/users/${admin.id}/deactivate`, {}).expect(200);
    const body = { role: 'configure', durationMinutes: 60, justification: 'On call for this week.' };
    await owner.post(`/users/${reader.id}/elevations`, body).expect(201);

    const { figure, activePeople, previous } = await postureOf(owner);
    expect([activePeople, previous.activePeople]).toEqual([4, 4]);
    expect(figure('owners')).toMatchObject({ count: 1, previous: { count: 1, percent: 25 } });
    expect(figure('admins')).toMatchObject({ count: 2, percent: 50, previous: { count: 2 } });
    expect(figure('configure')).toMatchObject({ count: 1, previous: { count: 1 } });
    expect(figure('admins')?.warning).toBeNull();
    clock += 30 * DAY_MS + DAY_MS / 48;
    const later = await postureOf(await signInAsOwner(rollcall, organization));
    expect(later.figure('configure')).toMatchObject({ count: 0, previous: { count: 1 } });
  });

  test('warns of administrators with a password alone, keys without an end and a share of inactive people', async () => {
    const [organization, first] = await begin();
    for (let number = 0; number < 4; number += 1) await joins(rollcall, first);
    await first.post('/me/api-keys', { name: 'For ever', scopes: ['users:read'] }).expect(201);
    await first.post('/service-accounts', { name: 'Nightly sync' }).expect(201);
    expect((await postureOf(first)).figure('inactive')).toMatchObject({ count: 0, warning: null });
    clock += 91 * DAY_MS;
    const owner = await signInAsOwner(rollcall, organization);
    const { figure } = await postureOf(owner);
    expect(figure('privileged_without_second_factor')).toMatchObject({
      count: 1,
      warning:
        '1 person with the role configure or admin signs in with a password alone: ask them to set up a second factor.',
    });
    expect(figure('inactive')).toMatchObject({ count: 4, percent: 80 });
    expect(figure('inactive')?.warning).toMatch(/^4 active people have not been active for 90 days/);
    expect(figure('api_keys_without_expiry')?.warning).toMatch(/^1 API key never expires/);
    expect(figure('unused_api_keys')).toMatchObject({ count: 1 });
    expect(figure('unused_service_accounts')).toMatchObject({ count: 1 });
    expect(figure('outside_sso')).toBeUndefined();
    const items = (await owner.get('/attention')).body.items as {
      kind: string;
      title: string;
      act: string;
    }[];
    expect(items.find(({ kind }) => kind === 'posture')).toMatchObject({
      title: expect.stringMatching(/^1 person with the role configure or admin signs in/),
      act: 'review_posture',
    });
  });

  test('a password alone is counted, listed and shown of a user alike; without a password there is none', async () => {
    const [organization, owner] = await begin();
    const withPassword = await joins(rollcall, owner);
    const provisioned = await organization.scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'provisioned@halden.example',
      active: true,
    });
    const listed = async (query: string) =>
      (await owner.get(`/users?status=active&${query}`).expect(200)).body.data.map(
        ({ id }: { id: string }) => id,
      );
    const { figure, activePeople } = await postureOf(owner);
    const alone = await listed('passwordAlone=true');
    expect([activePeople, figure('without_second_factor')?.count]).toEqual([3, 2]);
    expect(alone.sort()).toEqual([owner.id, withPassword.id].sort());
    expect(await listed('passwordAlone=false')).toEqual([provisioned.body.id]);
    const security = async (id: string) => (await owner.get(`/users/${id}/security`)).body;
    expect(await security(withPassword.id)).toMatchObject({ password: true, mfa: false });
    expect(await security(provisioned.body.id)).toMatchObject({ password: false, mfa: false });
  });

  test('counts no one as active who is inactive or deleted, or both', async () => {
    const [, owner] = await begin();
    const people = [];
    for (let number = 0; number < 4; number += 1) people.push(await joins(rollcall, owner));
    const [, inactive, deleted, both] = people.map(({ id }) => id);
    for (const id of [inactive, both]) await owner.post(`/users/${id}/deactivate`, {}).expect(200);
    for (const id of [deleted, both]) await owner.delete(`/users/${id}`, SOFT).expect(204);
    expect((await postureOf(owner)).activePeople).toBe(2);
  });

  test('is a number for each list that the console leads to: as many users, accounts and keys stand in it', async () => {
    const [organization, first] = await begin();
    const connection = await connectSaml(rollcall, organization);
    const people = await Promise.all([1, 2, 3].map(() => joins(rollcall, first)));
    const admin = await joins(rollcall, first, { role: 'admin' });
    const leaver = await joins(rollcall, first, { role: 'admin' });
    const link = (id: string) =>
      first.post(`/users/${id}/identities`, { connectionId: connection.connection, subject: id }).expect(201);
    for (const { id } of [people[0] as TestUser, leaver]) await link(id);
    const key = { name: 'Script', scopes: ['users:read'] };
    await first.post('/me/api-keys', key).expect(201);
    await first.post('/me/api-keys', { ...key, expiresAt: new Date(clock + 900 * DAY_MS).toISOString() });
    await admin.post('/me/api-keys', key).expect(201);
    await leaver.post('/me/api-keys', key).expect(201);
    const { id: idle } = (await first.post('/service-accounts', { name: 'Idle', role: 'admin' }).expect(201))
      .body;
    const { id: stopped } = (
      await first.post('/service-accounts', { name: 'Stopped', role: 'admin' }).expect(201)
    ).body;
    await first.post(`/service-accounts/${idle}/api-keys`, key).expect(201);
    await first.post(`/service-accounts/${stopped}/api-keys`, key).expect(201);
    clock += 91 * DAY_MS;
    const owner = await signInAsOwner(rollcall, organization);
    await owner.patch(`/service-accounts/${stopped}`, { status: 'inactive' }).expect(200);
    await owner.post(`/users/${leaver.id}/deactivate`, {}).expect(200);
    await owner.post('/service-accounts', { name: 'New' }).expect(201);
    await owner.post('/me/api-keys', key).expect(201);
    const lists: Record<string, string> = {
      owners: '/users?status=active&owner=true',
      admins: '/users?status=active&effectiveRole=admin',
      configure: '/users?status=active&effectiveRole=configure',
      privileged_without_second_factor:
        '/users?status=active&effectiveRole=configure&effectiveRole=admin&passwordAlone=true',
      without_second_factor: '/users?status=active&passwordAlone=true',
      inactive: '/users?status=active&inactiveDays=90',
      outside_sso: '/users?status=active&outsideSso=true',
      unused_service_accounts: '/service-accounts?status=active&unusedDays=90',
      unused_api_keys: '/api-keys?state=active&unusedDays=90',
      api_keys_without_expiry: '/api-keys?state=active&expires=false',
    };
    const counted = Object.fromEntries(
      (await postureOf(owner)).figures.map((each: Figure) => [each.key, each.count]),
    );
    const listed = Object.fromEntries(
      await Promise.all(
        Object.entries(lists).map(async ([name, path]) => [
          name,
          (await owner.get(path).expect(200)).body.data.length,
        ]),
      ),
    );
    expect(listed).toEqual(counted);
    expect(counted).toMatchObject({
      admins: 2,
      inactive: 4,
      outside_sso: 4,
      unused_service_accounts: 1,
      unused_api_keys: 4,
      api_keys_without_expiry: 4,
    });
    expect((await owner.get('/users?outsideSso=false').expect(200)).body.data).toHaveLength(2);
    await owner.get(`/users?outsideSso=true&asOf=${new Date(clock).toISOString()}`).expect(422);
  });

  test('counts a user as outside single sign-on whose only connection is off', async () => {
    const [organization, owner] = await begin();
    const [on, off] = [
      await connectSaml(rollcall, organization),
      await connectSaml(rollcall, organization, { state: 'off' }),
    ];
    const { id } = await joins(rollcall, owner);
    const outside = async () =>
      (await owner.get('/users?outsideSso=true').expect(200)).body.data.map(
        (user: { id: string }) => user.id,
      );
    await owner.post(`/users/${id}/identities`, { connectionId: off.connection, subject: 'off' }).expect(201);
    expect(await outside()).toContain(id);
    await owner.post(`/users/${id}/identities`, { connectionId: on.connection, subject: 'on' }).expect(201);
    expect(await outside()).toEqual([owner.id]);
  });

  test('has limits that administrators set, one by one', async () => {
    const [, owner] = await begin();
    const set = await owner.patch('/settings', {
      settings: { postureLimits: { privilegedWithoutSecondFactor: 1, owners: 0 } },
    });
    expect(set.body.settings.postureLimits).toMatchObject({ owners: 0, adminPercent: 10 });
    const { figure } = await postureOf(owner);
    expect(figure('privileged_without_second_factor')?.warning).toBeNull();
    expect(figure('owners')?.warning).toMatch(/^1 person is an owner/);
    await owner.patch('/settings', { settings: { postureLimits: { adminPercent: 101 } } }).expect(422);
  });

  test('is for those who may read everyone, and without api_keys:manage has no keys', async () => {
    const [, owner] = await begin();
    const { id: group } = (await owner.post('/groups', { name: 'Sales' })).body;
    const manager = await joins(rollcall, owner, { role: 'configure', groups: [group] });
    await owner.patch(`/groups/${group}/members/${manager.id}`, { inGroupRole: 'manager' }).expect(204);
    expect((await (await signIn(rollcall.server, manager.email, PASSWORD)).get('/posture')).status).toBe(403);
    const made = await owner.post('/me/api-keys', { name: 'Reader', scopes: ['users:read'] });
    const { figure } = await postureOf(withKey(rollcall.server, made.body.token));
    expect(figure('admins')).toMatchObject({ count: 1 });
    expect(figure('api_keys_without_expiry')).toBeUndefined();
  });
});
