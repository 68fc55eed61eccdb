import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { joins, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import {
  type Json,
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const ACCESS = 'urn:rollcall:params:scim:schemas:extension:access:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const INVALID = 'Invalid role. Must be exactly: readonly, train, configure, admin';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let shift = 0;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + shift) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

/** A second later, since a token that was just verified is remembered for so long (ADR 0008). */
const configure = async (by: TestUser, body: Json, status = 200) => {
  shift += 1_001;
  const answer = await by.patch(`/scim/connections/${organization.connection}`, body);
  expect([answer.status, answer.body.detail]).toEqual([status, answer.body.detail]);
  return answer.body as Json;
};
const create = async (more: Json = {}) => {
  const body = { schemas: [USER], userName: `${randomUUID()}@rollcall.example`, ...more };
  const { body: made } = await organization.scim('POST', '/Users', body).expect(201);
  return made as Json & { id: string; userName: string };
};
const patch = (id: string, ...Operations: Json[]) =>
  organization.scim('PATCH', `/Users/${id}`, { schemas: [PATCH], Operations });
const put = (id: string, body: Json) =>
  organization.scim('PUT', `/Users/${id}`, { schemas: [USER], ...body });
const read = async (id: string) => (await organization.scim('GET', `/Users/${id}`).expect(200)).body as Json;
const roleOf = async (id: string) => (await owner.get(`/users/${id}`)).body.role as string;
const shown = (role: string) => [
  { value: role, primary: true, display: role.charAt(0).toUpperCase() + role.slice(1), type: 'direct' },
];

describe('the role source app', () => {
  test('keeps the roles that a directory sends, and they change nothing', async () => {
    const { id, roles } = await create({ roles: [{ value: 'Admin', primary: 'True' }] });
    expect(roles).toEqual([{ value: 'Admin', primary: true }]);
    expect(await roleOf(id)).toBe('readonly');
    expect(await read(id)).not.toHaveProperty([ACCESS]);
    expect((await owner.get(`/users/${id}`)).body.roleManagedBy).toBeNull();
  });
});

describe('the role source scim_roles', () => {
  beforeAll(async () => {
    const aliases = { Manager: 'configure', 'Power User': 'train' };
    expect(await configure(owner, { roleSource: 'scim_roles', roleAliases: aliases })).toMatchObject({
      roleSource: 'scim_roles',
      roleAliases: aliases,
      roleSourceSetBy: { type: 'user', id: owner.id },
    });
  });

  test.each<[string, unknown, string]>([
    ['names', ['train'], 'train'],
    ['an object whose primary is a text', [{ value: 'train', primary: 'True' }], 'train'],
    [
      'a role as Entra ID sends it',
      [{ primary: false, type: 'WindowsAzureActiveDirectoryRole', display: 'Admin', value: 'Admin' }],
      'admin',
    ],
    [
      'JSON text',
      [{ value: '{"id":"06b07648","value":"Configure","displayName":"Configure"}' }],
      'configure',
    ],
    [
      'several, of which the highest is used',
      [{ value: 'readonly' }, { value: 'configure' }, { value: 'train' }],
      'configure',
    ],
    ['an alias', [{ value: 'manager' }], 'configure'],
    ['none', [], 'readonly'],
  ])('reads %s, in POST and in PUT', async (_, roles, expected) => {
    const { id, userName } = await create({ roles });
    expect(await roleOf(id)).toBe(expected);
    await put(id, { userName, roles: [{ value: 'train' }] }).expect(200);
    expect(await roleOf(id)).toBe('train');
    const { body } = await put(id, { userName, roles }).expect(200);
    expect((body as Json)['roles']).toEqual(shown(expected));
    expect(await roleOf(id)).toBe(expected);
  });

  test('follows the PATCH operations of Entra ID', async () => {
    const { id } = await create();
    await patch(id, { op: 'Add', path: 'roles[primary eq "True"].value', value: 'Train' }).expect(200);
    expect(await roleOf(id)).toBe('train');
    await patch(id, { op: 'Replace', path: 'roles[primary eq "True"].value', value: 'Readonly' }).expect(200);
    expect(await roleOf(id)).toBe('readonly');
    const json = '{"id":"06b0","value":"Admin","displayName":"Admin"}';
    await patch(id, { op: 'Add', path: 'roles', value: [{ value: json }] }).expect(200);
    expect(await roleOf(id)).toBe('admin');
    await patch(id, {
      op: 'Replace',
      path: 'roles',
      value: [{ value: 'train' }, { value: 'configure' }],
    }).expect(200);
    expect(await roleOf(id)).toBe('configure');
    await patch(id, { op: 'Remove', path: 'roles[value eq "configure"]' }).expect(200);
    expect(await roleOf(id)).toBe('train');
    await patch(id, { op: 'Remove', path: 'roles' }).expect(200);
    expect(await roleOf(id)).toBe('readonly');
  });

  test('reads JSON text for the value of a role that is there', async () => {
    const { id } = await create({ roles: [{ value: 'train', primary: true }] });
    const value = '{"id":"06b0","value":"configure","displayName":"Configure"}';
    await patch(id, { op: 'Replace', path: 'roles[primary eq "True"].value', value }).expect(200);
    expect(await roleOf(id)).toBe('configure');
  });

  test('lets a PATCH select the role that a GET shows, also where the directory has sent none', async () => {
    for (const path of ['roles[value eq "readonly"].value', 'roles[type eq "direct"].value']) {
      const { id } = await create();
      expect((await read(id))['roles']).toEqual(shown('readonly'));
      await patch(id, { op: 'replace', path: 'title', value: 'Clerk' }).expect(200);
      await patch(id, { op: 'replace', path, value: 'train' }).expect(200);
      expect(await roleOf(id)).toBe('train');
      expect((await read(id))['roles']).toEqual(shown('train'));
      await patch(id, { op: 'remove', path: 'roles[value eq "train"]' }).expect(200);
      expect(await roleOf(id)).toBe('readonly');
    }
  });

  test('rejects an unknown role, and changes nothing', async () => {
    const { id, userName } = await create({ roles: ['train'] });
    const answers = [
      await organization.scim('POST', '/Users', {
        schemas: [USER],
        userName: randomUUID(),
        roles: ['superuser'],
      }),
      await put(id, { userName, title: 'Boss', roles: [{ value: 'owner' }] }),
      await patch(
        id,
        { op: 'replace', path: 'title', value: 'Boss' },
        { op: 'replace', path: 'roles[primary eq "True"].value', value: 'Editor' },
      ),
    ];
    for (const { status, body } of answers) {
      expect([status, body]).toMatchObject([400, { scimType: 'invalidValue', detail: INVALID }]);
    }
    expect(await read(id)).not.toHaveProperty('title');
    expect(await roleOf(id)).toBe('train');
  });

  test('leaves the role alone in a PATCH of something else, and in a PUT of what was read', async () => {
    const { id } = await create({ roles: [{ value: 'Power User' }] });
    const before = await read(id);
    expect(before['roles']).toEqual(shown('train'));
    const { body } = await put(id, before).expect(200);
    expect((body as Json)['meta']).toEqual(before['meta']);
    await patch(id, { op: 'replace', path: 'title', value: 'Boss' }).expect(200);
    expect(await roleOf(id)).toBe('train');
  });

  test('shows the direct role, and the effective role and tier in an extension that no one writes', async () => {
    const { id } = await create({ roles: ['train'] });
    const group = (await owner.post('/groups', { name: randomUUID(), role: 'configure' })).body.id as string;
    const before = await organization.scim('GET', `/Users/${id}`);
    await owner.post(`/groups/${group}/members`, { userIds: [id] });
    const after = await organization.scim('GET', `/Users/${id}`);
    expect(after.body).toMatchObject({
      roles: shown('train'),
      [ACCESS]: { effectiveRole: 'configure', accessTier: 'manager' },
    });
    expect((after.body as Json)['schemas']).toEqual([USER, ACCESS]);
    expect(after.headers['etag']).not.toBe(before.headers['etag']);
    await put(id, { ...(after.body as Json), [ACCESS]: { effectiveRole: 'admin' } })
      .set('If-Match', after.headers['etag'] ?? '')
      .expect(200);
    const filter = encodeURIComponent(`id eq "${id}"`);
    const list = (await organization.scim('GET', `/Users?filter=${filter}`)).body as { Resources: Json[] };
    expect(list.Resources[0]).toMatchObject({
      roles: shown('train'),
      [ACCESS]: { effectiveRole: 'configure' },
    });
    const only = await organization.scim('GET', `/Users/${id}?attributes=${ACCESS}:accessTier`);
    expect(only.body).toMatchObject({ id, [ACCESS]: { accessTier: 'manager' } });
    const byCursor = (await organization.scim('GET', `/Users?filter=${filter}&cursor`)).body as typeof list;
    expect(byCursor.Resources).toEqual(list.Resources);
  });

  test('is described in /Schemas and /ResourceTypes', async () => {
    const { body } = await organization.scim('GET', `/Schemas/${USER}`).expect(200);
    type Attribute = {
      name: string;
      canonicalValues?: string[];
      mutability: string;
      subAttributes?: Attribute[];
    };
    const { attributes } = body as { attributes: Attribute[] };
    const roles = attributes.find(({ name }) => name === 'roles');
    const value = roles?.subAttributes?.find(({ name }) => name === 'value');
    expect(value?.canonicalValues).toEqual(['readonly', 'train', 'configure', 'admin']);
    const extension = (await organization.scim('GET', `/Schemas/${ACCESS}`).expect(200)).body as {
      attributes: Attribute[];
    };
    expect(extension.attributes.map(({ mutability }) => mutability)).toEqual(['readOnly', 'readOnly']);
    const { body: type } = await organization.scim('GET', '/ResourceTypes/User');
    expect(JSON.stringify(type)).toContain(ACCESS);
  });

  test('is the directory’s over REST: 409, unless an owner insists', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const { id } = await create({ roles: ['train'] });
    expect((await owner.get(`/users/${id}`)).body).toMatchObject({ role: 'train', roleManagedBy: 'scim' });
    const impact = async () => (await owner.get(`/users/${id}/role-impact?role=configure`)).body.impactToken;
    const change = async (by: TestUser, query: string) =>
      by.patch(`/users/${id}${query}`, { role: 'configure', impactToken: await impact() });
    for (const answer of [
      await change(admin, ''),
      await change(admin, '?force=true'),
      await change(owner, ''),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([409, 'managed_by_directory']);
    }
    expect((await change(owner, '?force=true')).body).toMatchObject({ role: 'configure' });
    // What the directory adds later is added to the role that the user has.
    await patch(id, { op: 'add', path: 'title', value: 'Boss' }).expect(200);
    expect(await roleOf(id)).toBe('configure');
    const put = (query: string, impactToken: string) =>
      owner.put(`/users/${id}/role${query}`, { role: 'train', impactToken });
    const token = (await owner.get(`/users/${id}/role-impact?role=train`)).body.impactToken as string;
    expect((await put('', token)).status).toBe(409);
    expect((await put('?force=true', token)).body).toMatchObject({ role: 'train' });
  });

  test('writes an event of the change, and ends the sessions of a demoted user', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    await create({ userName: user.email, roles: ['train'] });
    expect((await user.get('/me')).status).toBe(401);
    const rows = await rollcall.rollcall.db.search<{ changes: Json }>(
      `select changes from events where target_id = $1 and action = 'user.role_changed'`,
      [user.id],
    );
    expect(rows).toEqual([{ changes: { values: { role: ['configure', 'train'] } } }]);
  });

  describe('and an owner', () => {
    let other: TestUser;
    const link = async (user: TestUser, roles?: string[]) =>
      organization.scim('POST', '/Users', { schemas: [USER], userName: user.email, ...(roles && { roles }) });

    beforeEach(async () => {
      await configure(owner, { roleSource: 'scim_roles' });
      other = await joins(rollcall, owner, { role: 'admin' });
      await owner.put(`/users/${other.id}/owner`, { password: OWNER_PASSWORD });
    });

    afterEach(async () => {
      await owner.delete(`/users/${other.id}/owner`, { password: OWNER_PASSWORD });
    });

    test('is left alone where no role is sent, and no role makes one', async () => {
      expect((await link(other)).status).toBe(201);
      expect((await owner.get(`/users/${other.id}`)).body).toMatchObject({ role: 'admin', owner: true });
      const { id } = await create({ roles: ['admin'] });
      expect((await owner.get(`/users/${id}`)).body).toMatchObject({ role: 'admin', owner: false });
    });

    test('loses the ownership with the role where an owner chose the role source, the last one never', async () => {
      const demoted = await link(other, ['train']);
      expect(demoted.status).toBe(201);
      expect((await owner.get(`/users/${other.id}`)).body).toMatchObject({ role: 'train', owner: false });
      const { status, body } = await organization.scim('POST', '/Users', {
        schemas: [USER],
        userName: organization.ownerEmail,
        roles: ['train'],
      });
      expect([status, (body as Json)['status']]).toEqual([409, '409']);
      expect((await owner.get(`/users/${owner.id}`)).body).toMatchObject({ role: 'admin', owner: true });
    });

    test('is not demoted by what an administrator chose', async () => {
      const admin = await joins(rollcall, owner, { role: 'admin' });
      await configure(admin, { roleSource: 'scim_roles' });
      const { status, body } = await link(other, ['train']);
      expect([status, (body as Json)['status']]).toEqual([403, '403']);
      expect((await owner.get(`/users/${other.id}`)).body).toMatchObject({ role: 'admin', owner: true });
      await configure(owner, { roleSource: 'scim_roles' });
    });
  });

  describe('never goes above the limit of the user who chose it', () => {
    test('when it is chosen', async () => {
      const admin = await joins(rollcall, owner, { role: 'admin' });
      await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: true } });
      const aliases = { roleAliases: { Chief: 'admin' } };
      expect((await configure(admin, aliases, 403))['code']).toBe('role_above_limit');
      await configure(admin, { roleAliases: { Chief: 'configure' } });
      await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: false } });
    });

    test('as it is when a role is sent', async () => {
      const admin = await joins(rollcall, owner, { role: 'admin' });
      await configure(admin, { roleSource: 'scim_roles' });
      const { id } = await create({ roles: ['admin'] });
      await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: true } });
      const sent = () => patch(id, { op: 'replace', path: 'roles', value: [{ value: 'admin' }] });
      await sent().expect(200);
      await patch(id, { op: 'replace', path: 'roles', value: [{ value: 'train' }] }).expect(200);
      await sent().expect(403);
      expect(await roleOf(id)).toBe('train');
      await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: false } });
      await sent().expect(200);
      await owner.post(`/users/${admin.id}/deactivate`, {});
      const refused = await patch(id, { op: 'replace', path: 'roles', value: [{ value: 'train' }] });
      expect(refused.status).toBe(403);
      await patch(id, { op: 'replace', path: 'title', value: 'Boss' }).expect(200);
      await configure(owner, { roleSource: 'scim_roles' });
      await patch(id, { op: 'replace', path: 'roles', value: [{ value: 'train' }] }).expect(200);
    });
  });
});

describe('a service account', () => {
  const REASON =
    'A service account cannot choose that a directory sets roles, because the limit is what a user may assign: send roleSource and roleAliases while signed in, or with a key of your own.';
  let account: TestUser;

  beforeAll(async () => {
    const { id } = (await owner.post('/service-accounts', { name: randomUUID(), role: 'admin' })).body;
    const scopes = ['scim:manage', 'roles:assign'];
    const { token } = (await owner.post(`/service-accounts/${id}/api-keys`, { name: 'x', scopes })).body;
    account = withKey(rollcall.server, token);
    await configure(owner, { roleSource: 'app', roleAliases: {} });
  });

  test('does not choose that a directory sets roles', async () => {
    for (const refused of [
      await account.patch(`/scim/connections/${organization.connection}`, { roleSource: 'scim_roles' }),
      await account.post('/scim/connections', { name: randomUUID(), roleSource: 'scim_roles' }),
    ]) {
      expect([refused.status, refused.body.detail]).toEqual([403, REASON]);
    }
    const names = (await owner.get('/scim/connections')).body.data;
    expect(names).toMatchObject([{ id: organization.connection, roleSource: 'app' }]);
  });

  test('changes the rest, sends the same role source again, and chooses another', async () => {
    await configure(owner, { roleSource: 'scim_roles', roleAliases: { Chief: 'train' } });
    const same = { name: 'Renamed', roleSource: 'scim_roles', roleAliases: { Chief: 'train' } };
    const body = await configure(account, same);
    expect(body).toMatchObject({ name: 'Renamed', roleSourceSetBy: { id: owner.id } });
    const more = { roleAliases: { Chief: 'configure' } };
    expect((await configure(account, more, 403))['detail']).toBe(REASON);
    expect(await configure(account, { roleSource: 'idp_groups' })).toMatchObject({
      roleSource: 'idp_groups',
    });
  });
});

describe('the role source idp_groups', () => {
  test('ignores roles; the roles of groups do the work', async () => {
    await configure(owner, { roleSource: 'app' });
    const { id } = await create();
    await configure(owner, { roleSource: 'idp_groups' });
    const { body } = await patch(id, { op: 'replace', path: 'roles', value: [{ value: 'admin' }] }).expect(
      200,
    );
    expect((body as Json)['roles']).toEqual(shown('readonly'));
    const displayName = randomUUID();
    const made = await organization.scim('POST', '/Groups', {
      schemas: [GROUP],
      displayName,
      members: [{ value: id }],
    });
    await owner.patch(`/groups/${(made.body as { id: string }).id}`, { role: 'train' });
    expect(await read(id)).toMatchObject({ roles: shown('readonly'), [ACCESS]: { effectiveRole: 'train' } });
    expect((await owner.get(`/users/${id}`)).body).toMatchObject({ role: 'readonly', roleManagedBy: null });
  });
});

test('a token of a connection cannot be used to choose the role source', async () => {
  const answer = await request(rollcall.server)
    .patch(`/api/v1/scim/connections/${organization.connection}`)
    .set('Authorization', `Bearer ${organization.token}`)
    .send({ roleSource: 'scim_roles' });
  expect(answer.status).toBe(401);
});
