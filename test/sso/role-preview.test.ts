import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY, type TestProvider } from '../support/sso.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let acme: TestProvider;

const MAPPING = [
  { group: 'Leads', role: 'admin' },
  { group: 'Trainers', role: 'train' },
];

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  acme = await connectSaml(rollcall, organization, {
    domains: ['acme.example'],
    provisioning: {
      enabled: true,
      groupAttribute: 'memberOf',
      roleSource: 'idp_groups',
      roleMapping: MAPPING as never,
    },
  });
});
afterAll(() => rollcall.close());

const path = () => `/sso/connections/${acme.connection}/jit`;
const settings = async () => (await owner.get(path()).expect(200)).body;
const preview = async (changes: object, by = owner) =>
  by.post(`${path()}/dry-run`, { ...(await settings()), ...changes });
const find = async (email: string) => (await owner.get(`/users?q=${email}`)).body.data[0];
const signsIn = async (groups: readonly string[] | undefined) => {
  const email = `p-${randomBytes(5).toString('hex')}@acme.example`;
  await acme.signIn(createBrowser(), {
    nameId: email,
    attributes: [['email', [email]], ...(groups === undefined ? [] : [['memberOf', groups] as const])],
  });
  return find(email);
};

test('R153: a dry run of a mapping says whose role the next sign-in would change, as the sign-in then does', async () => {
  const lead = await signsIn(['Leads', 'Everyone']);
  const trainer = await signsIn(['Trainers']);
  const plain = await signsIn(['Everyone']);
  const silent = await signsIn(undefined);
  expect([lead.role, trainer.role, plain.role, silent.role]).toEqual([
    'admin',
    'train',
    'readonly',
    'readonly',
  ]);
  const before = await settings();
  const wanted = { roleMapping: [{ group: 'everyone', role: 'configure' }] };
  const { status, body } = await preview(wanted);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    sentence:
      'At their next sign-in 1 administrator would lose their role, 1 other user would have fewer rights, 1 user would have more rights. Nothing was saved.',
    users: 4,
    unknown: 0,
    roles: { gained: 1, lost: 2, administratorsLost: 1 },
  });
  expect(body.people[0]).toEqual({
    user: expect.objectContaining({ id: lead.id }),
    before: 'admin',
    after: 'configure',
    because: 'The groups that the provider sent last mean the role configure; it is admin now.',
  });
  expect(await settings()).toEqual(before);
  expect((await find(lead.email)).role).toBe('admin');

  await owner.put(path(), { ...before, ...wanted }).expect(200);
  const again = {
    nameId: lead.email,
    attributes: [
      ['email', [lead.email]],
      ['memberOf', ['Leads', 'Everyone']],
    ],
  };
  await acme.signIn(createBrowser(), again as never);
  expect((await find(lead.email)).role).toBe('configure');
  await owner.put(path(), before).expect(200);
});

test('a dry run is refused where the settings would be, and says nothing of groups that it does not know', async () => {
  const bad = await preview({ allowedDomains: ['gmail.com'] });
  expect([bad.status, bad.body.code]).toEqual([422, 'public_domain']);
  const other = await preview({ groupAttribute: 'department' });
  expect(other.body).toMatchObject({ users: 4, unknown: 0, people: [] });
  expect(other.body.sentence).toBe('No one’s role would change at the next sign-in. Nothing was saved.');
  const masked = await preview({ groupAttribute: 'email' });
  expect(masked.body).toMatchObject({ users: 4, unknown: 4, people: [] });
});

test('a dry run keeps the role that a group gives, and waits for training that is due', async () => {
  const trainer = await signsIn(['Trainers']);
  const { body: group } = await owner.post('/groups', { name: 'Configurers', role: 'configure' });
  await owner.post(`/groups/${group.id}/members`, { userIds: [trainer.id] }).expect(200);
  const wanted = { roleMapping: [{ group: 'Others', role: 'train' }] };
  const named = (body: { people: { user: { id: string } }[] }) => body.people.map(({ user }) => user.id);
  expect(named((await preview(wanted)).body)).not.toContain(trainer.id);

  const plain = await signsIn(['Everyone']);
  const more = { roleMapping: [{ group: 'Everyone', role: 'train' }] };
  expect(named((await preview(more)).body)).toContain(plain.id);
  await owner.patch('/settings', { settings: { trainingRequired: true } }).expect(200);
  expect(named((await preview(more)).body)).not.toContain(plain.id);
  await owner.patch('/settings', { settings: { trainingRequired: false } }).expect(200);
});

test('an administrator without sso:manage gets no dry run', async () => {
  const reader = await joins(rollcall, owner);
  expect((await preview({}, reader)).status).toBe(403);
});
