import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const proof = { password: OWNER_PASSWORD };
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let shift = 0;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + shift) });
});
afterAll(() => rollcall.close());
beforeEach(async () => {
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const path = () => `/scim/connections/${organization.connection}`;
const provision = async (name: string, more: object = {}) => {
  const body = {
    schemas: [USER],
    userName: `${name}@rollcall.example`,
    externalId: name,
    active: true,
    ...more,
  };
  return (await organization.scim('POST', '/Users', body).expect(201)).body.id as string;
};
const push = async (displayName: string, members: readonly string[]) => {
  const body = { schemas: [GROUP], displayName, members: members.map((value) => ({ value })) };
  return (await organization.scim('POST', '/Groups', body).expect(201)).body.id as string;
};
const remove = (body: object = proof, by = owner) => by.delete(path(), body);
/** Runs the job, and again once requests from before have ended. */
const release = async () => {
  await rollcall.rollcall.runDueJobsOnce();
  shift += MINUTE_MS + SECOND_MS;
  await rollcall.rollcall.runDueJobsOnce();
};
const seen = async (kind: 'users' | 'groups', id: string) => (await owner.get(`/${kind}/${id}`)).body;

describe('removing a SCIM connection', () => {
  test('ends its tokens and leaves users, groups, memberships and roles, which are administered here from then on', async () => {
    const jane = await provision('jane', { displayName: 'Jane Doe' });
    const gone = await provision('gone');
    const group = await push('Engineers', [jane]);
    await owner.patch(`/groups/${group}`, { role: 'configure' }).expect(200);
    await organization.scim('DELETE', `/Users/${gone}`).expect(204);
    expect((await owner.patch(`/users/${jane}`, { name: 'Jane Roe' })).body.code).toBe(
      'managed_by_directory',
    );
    expect((await owner.patch(`/groups/${group}`, { name: 'Builders' })).body.code).toBe(
      'managed_by_directory',
    );

    await remove().expect(202);
    expect((await owner.get('/scim/connections')).body.data).toEqual([]);
    expect((await owner.get(path())).status).toBe(404);
    expect((await remove()).status).toBe(404);
    shift += 1_001;
    expect((await organization.scim('GET', '/Users?count=1')).status).toBe(401);
    await release();

    expect(await seen('users', jane)).toMatchObject({
      name: 'Jane Doe',
      status: 'active',
      managedBy: null,
      effectiveRole: 'configure',
      groups: [{ id: group }],
    });
    const released = await seen('groups', group);
    expect(released).toMatchObject({
      name: 'Engineers',
      source: 'manual',
      role: 'configure',
      externalIds: [],
    });
    const { data } = (await owner.get(`/groups/${group}/members`)).body;
    expect(data).toMatchObject([{ user: { id: jane }, sources: ['manual'] }]);
    await owner.patch(`/users/${jane}`, { name: 'Jane Roe' }).expect(200);
    await owner.patch(`/groups/${group}`, { name: 'Builders' }).expect(200);
    await owner.post(`/users/${gone}/restore`).expect(200);
    expect((await seen('users', gone)).managedBy).toBeNull();

    const [event] = (await owner.get('/audit?action=connection.deleted')).body.data;
    expect(event.sentence).toMatch(/ removed the SCIM connection Test\.$/);
    const left = await rollcall.rollcall.db.search(
      `select id from connections where org_id = $1 union all select id from scim_tokens where org_id = $1
        union all select user_id from user_links where org_id = $1
        union all select group_id from group_links where org_id = $1`,
      [organization.org],
    );
    expect(left).toEqual([]);
  });

  test('leaves what another connection provisions to that one', async () => {
    const both = await provision('both');
    const mine = await provision('mine');
    const group = await push('Shared', [both, mine]);
    const other = (await owner.post('/scim/connections', { name: 'Entra ID' })).body.id;
    const { token } = (await owner.post(`/scim/connections/${other}/tokens`, proof)).body;
    const speak = (method: 'put' | 'patch', target: string, body: object) =>
      request(rollcall.server)
        [method](`/scim/v2${target}`)
        .set({ Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' })
        .send(body);
    const user = { schemas: [USER], userName: 'both@rollcall.example', externalId: 'b', active: true };
    await speak('put', `/Users/${both}`, user).expect(200);
    const named = { schemas: [GROUP], displayName: 'Shared', externalId: 'g', members: [{ value: both }] };
    await speak('put', `/Groups/${group}`, named).expect(200);

    await remove().expect(202);
    await release();
    expect([(await seen('users', both)).managedBy, (await seen('users', mine)).managedBy]).toEqual([
      'scim',
      null,
    ]);
    expect(await seen('groups', group)).toMatchObject({
      source: 'scim',
      externalIds: [{ connectionId: other }],
    });
    expect((await owner.get('/scim/connections')).body.data).toMatchObject([{ id: other }]);
  });

  test('releases what a request wrote that was authenticated just before', async () => {
    await organization.scim('GET', '/Users?count=1').expect(200);
    await remove().expect(202);
    const late = await provision('late');
    const group = await push('Late', [late]);
    await rollcall.rollcall.runDueJobsOnce();
    const later = await provision('later');
    expect((await seen('users', later)).managedBy).toBe('scim');
    await release();
    for (const id of [late, later]) expect((await seen('users', id)).managedBy).toBeNull();
    expect((await seen('groups', group)).source).toBe('manual');
  });

  test('goes on batch by batch with more than one batch has', async () => {
    const { db } = rollcall.rollcall;
    await db.search(
      `with u as (
          insert into users (org_id, id, user_name, user_name_key, status, role, source, created_at, updated_at, profile)
          select $1, gen_random_uuid(), 'many' || n, 'many' || n, 'active', 'readonly', 'scim', now(), now(), '{}'
          from generate_series(1, 5000) n returning id
        )
        insert into user_links (org_id, user_id, connection_id, external_id) select $1, id, $2, null from u`,
      [organization.org, organization.connection],
    );
    for (let n = 0; n < 12; n += 1) await push(`Group ${n}`, []);
    await remove().expect(202);
    await release();
    const [left] = await db.search(
      `select (select count(*)::int from user_links where org_id = $1) as users,
        (select count(*)::int from groups where org_id = $1 and source <> 'manual') as groups`,
      [organization.org],
    );
    expect(left).toEqual({ users: 0, groups: 0 });
  });

  test('leaves single sign-on, and ends set-up links for provisioning', async () => {
    const sso = { protocol: 'saml', provider: 'okta', name: 'Test', connectionId: organization.connection };
    const made = await owner.post('/sso/connections', sso);
    expect([made.status, made.body.id]).toEqual([201, organization.connection]);
    await owner.patch(path(), { roleSource: 'scim_roles' }).expect(200);
    const link = await owner.post(`${path()}/set-up-links`, { label: 'Jane at Acme', ...proof });
    expect(link.status).toBe(201);
    await remove().expect(202);
    await release();
    expect((await owner.get(path())).body).toMatchObject({
      name: 'Test',
      signsOn: true,
      tokenCount: 0,
      roleSource: 'app',
    });
    expect((await owner.get(`/sso/connections/${organization.connection}`)).status).toBe(200);
    expect((await owner.get(`${path()}/set-up-links`)).body.data[0].state).toBe('revoked');
  });

  test('asks for the password, is for those who manage connections, and for those of the organization', async () => {
    expect((await remove({ password: 'wrong' })).body.code).toBe('password_invalid');
    const trainee = await joins(rollcall, owner, { role: 'train' });
    expect((await remove(proof, trainee)).status).toBe(403);
    const stranger = await signInAsOwner(rollcall, await rollcall.organization());
    expect((await remove(proof, stranger)).status).toBe(404);
    expect((await owner.get(path())).status).toBe(200);
  });
});
