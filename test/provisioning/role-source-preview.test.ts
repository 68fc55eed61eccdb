import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

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

const path = () => `/scim/connections/${organization.connection}`;
const preview = (body: object, by = owner) => by.post(`${path()}/role-source/dry-run`, body);
const person = (userName: string, roles?: readonly string[]) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName,
  active: true,
  ...(roles === undefined ? {} : { roles: roles.map((value) => ({ value })) }),
});
const provision = async (userName: string, roles?: readonly string[]) =>
  (await organization.scim('POST', '/Users', person(userName, roles)).expect(201)).body.id as string;
const roleOf = async (id: string) => (await owner.get(`/users/${id}`)).body.role;

test('R153: a dry run of a role source says whose role the directory would set, as it then does', async () => {
  const manager = await provision('manager@rollcall.example', ['Manager']);
  const admin = await provision('admin@rollcall.example', ['admin']);
  await provision('plain@rollcall.example');
  await provision('odd@rollcall.example', ['Wizard']);
  const { body: impact } = await owner.get(`/users/${manager}/role-impact?role=admin`).expect(200);
  await owner.put(`/users/${manager}/role`, { role: 'admin', impactToken: impact.impactToken }).expect(200);
  const words = { roleSource: 'scim_roles', roleAliases: { Manager: 'configure' } };
  const { status, body } = await preview(words);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    sentence:
      'When the directory sends its users again, 1 administrator would lose their role, 1 user would have more rights. Nothing was saved.',
    users: 4,
    isAtLeast: false,
    withoutRoles: 1,
    refused: 1,
    roles: { gained: 1, lost: 1, administratorsLost: 1 },
  });
  expect(body.people).toEqual([
    {
      user: expect.objectContaining({ id: manager }),
      before: 'admin',
      after: 'configure',
      because: 'The role that the directory sent last means configure; it is admin now.',
    },
    expect.objectContaining({ before: 'readonly', after: 'admin' }),
  ]);
  expect((await owner.get(path())).body).toMatchObject({ roleSource: 'app', roleAliases: {} });

  await owner.patch(path(), words).expect(200);
  // A verified token is remembered for a second (ADR 0008).
  shift += 1_001;
  await organization
    .scim('PUT', `/Users/${manager}`, person('manager@rollcall.example', ['Manager']))
    .expect(200);
  await organization.scim('PUT', `/Users/${admin}`, person('admin@rollcall.example', ['admin'])).expect(200);
  expect([await roleOf(manager), await roleOf(admin)]).toEqual(['configure', 'admin']);
  expect((await preview({})).body).toMatchObject({ roles: { gained: 0, lost: 0 }, people: [] });
  expect((await preview({ roleSource: 'app' })).body).toMatchObject({
    sentence: 'Roles stay as they are and are set here. Nothing was saved.',
    users: 0,
    people: [],
  });
});

test('a dry run counts roles above what the caller may assign as refused', async () => {
  await owner.patch(path(), { roleSource: 'app', roleAliases: {} }).expect(200);
  shift += 1_001;
  await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: true } }).expect(200);
  const boss = await provision('boss@rollcall.example', ['admin']);
  const helper = await joins(rollcall, owner, { role: 'admin' });
  const { body } = await preview({ roleSource: 'scim_roles' }, helper);
  expect(body.people.map(({ user }: { user: { id: string } }) => user.id)).not.toContain(boss);
  expect(body.refused).toBe(3);
  const refused = await preview({ roleSource: 'scim_roles', roleAliases: { Boss: 'admin' } }, helper);
  expect([refused.status, refused.body.code]).toEqual([403, 'role_above_limit']);
  const reader = await joins(rollcall, owner);
  expect((await preview({}, reader)).status).toBe(403);
});
