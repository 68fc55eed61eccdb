import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY, type TestProvider } from '../support/sso.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let provider: TestProvider;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  provider = await connectSaml(rollcall, organization, {
    domains: ['acme.example'],
    provisioning: { enabled: true, groupAttribute: 'memberOf' },
  });
});
afterAll(() => rollcall.close());

type Item = Record<string, unknown>;

/** All pages of a list. */
async function all(path: string): Promise<Item[]> {
  const found: Item[] = [];
  let cursor = '';
  do {
    const { status, body } = await owner.get(`${path}&limit=3${cursor}`);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    found.push(...body.data);
    cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
  } while (cursor !== '');
  return found;
}

const byId = (items: Item[], id: (item: Item) => unknown) =>
  [...items].sort((left, right) => (String(id(left)) < String(id(right)) ? -1 : 1));

const comparedUser = (user: Item) => ({
  id: user['id'],
  status: user['status'],
  role: user['role'],
  effectiveRole: user['effectiveRole'],
  accessTier: user['accessTier'],
  owner: user['owner'],
  source: user['source'],
  groups: byId(
    (user['groups'] as Item[]).map(({ id, inGroupRole, name, suspended }) => ({
      id,
      inGroupRole,
      name,
      suspended,
    })),
    ({ id }) => id,
  ),
});
const comparedGroup = ({ id, name, description, role, source, memberCount, suspendedMemberCount }: Item) => ({
  id,
  name,
  description,
  role,
  source,
  memberCount,
  suspendedMemberCount,
});
const comparedMember = ({ user, status, inGroupRole, sources, addedAt, suspended }: Item) => ({
  id: (user as Item)['id'],
  status,
  suspended,
  inGroupRole,
  addedAt,
  sources: [...(sources as string[])].sort(),
});
const comparedPermissions = ({
  effectiveRole,
  accessTier,
  owner: isOwner,
  permissions,
  grants,
  sources,
}: Item) => ({
  effectiveRole,
  accessTier,
  owner: isOwner,
  permissions,
  sources,
  grants: (grants as Item[]).map((grant) => JSON.stringify(grant)).sort(),
});

/** All that the API says of the organization, now or as of a moment. */
async function stateOf(moment?: string) {
  const asOf = moment === undefined ? '' : `asOf=${encodeURIComponent(moment)}`;
  const users = byId(await all(`/users?${asOf}`), ({ id }) => id);
  const groups = byId(await all(`/groups?${asOf}`), ({ id }) => id);
  const members: unknown[] = [];
  for (const { id } of groups) members.push((await all(`/groups/${id}/members?${asOf}`)).map(comparedMember));
  const permissions: unknown[] = [];
  for (const { id } of users) {
    const { status, body } = await owner.get(`/users/${id}/permissions?${asOf}`);
    expect(status).toBe(200);
    permissions.push(comparedPermissions(body));
  }
  return { users: users.map(comparedUser), groups: groups.map(comparedGroup), members, permissions };
}

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const someone = () => `p-${randomBytes(5).toString('hex')}@acme.example`;
const patch = (path: string, ...Operations: object[]) =>
  organization.scim('PATCH', path, { schemas: [PATCH], Operations });
const scimUser = async () =>
  (await organization.scim('POST', '/Users', { schemas: [USER], userName: someone(), active: true })).body
    .id as string;
const scimGroup = async (...members: string[]) =>
  (
    await organization.scim('POST', '/Groups', {
      schemas: [GROUP],
      displayName: `Team ${randomBytes(4).toString('hex')}`,
      members: members.map((value) => ({ value })),
    })
  ).body.id as string;

async function setRole(user: string, role: string) {
  const { impactToken } = (await owner.get(`/users/${user}/role-impact?role=${role}`)).body;
  return owner.put(`/users/${user}/role`, { role, impactToken, reason: 'They need it.' });
}

/** A sequence of pseudorandom numbers, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

/** The changes of a test, each of which may find nothing to do. */
function changes(pick: (below: number) => number) {
  const [users, groups, manual, elevations]: string[][] = [[], [], [], []];
  const one = (ids: string[] | undefined) => ids?.[pick(ids.length)] ?? 'none';
  const roles = ['readonly', 'train', 'configure', 'admin'];
  const done: Record<string, () => Promise<unknown>> = {
    'a user by SCIM': async () => users?.push(await scimUser()),
    'a group by SCIM': async () => groups?.push(await scimGroup(one(users), one(users))),
    'a member by SCIM': () =>
      patch(`/Groups/${one(groups)}`, { op: 'add', path: 'members', value: [{ value: one(users) }] }),
    'a member less by SCIM': () =>
      patch(`/Groups/${one(groups)}`, { op: 'remove', path: `members[value eq "${one(users)}"]` }),
    'other members by SCIM': () =>
      patch(`/Groups/${one(groups)}`, {
        op: 'replace',
        path: 'members',
        value: [{ value: one(users) }, { value: one(users) }],
      }),
    'a name by SCIM': () =>
      patch(`/Groups/${one(groups)}`, { op: 'replace', path: 'displayName', value: `N ${pick(1e9)}` }),
    'a deactivation by SCIM': () =>
      patch(`/Users/${one(users)}`, { op: 'replace', path: 'active', value: false }),
    'an activation by SCIM': () =>
      patch(`/Users/${one(users)}`, { op: 'replace', path: 'active', value: true }),
    'a deletion by SCIM': () => organization.scim('DELETE', `/Users/${one(users)}`),
    'a deletion of a group': () => organization.scim('DELETE', `/Groups/${one(groups)}`),
    'a group by REST': async () => {
      const { body } = await owner.post('/groups', { name: `G ${pick(1e9)}`, role: 'train' });
      groups?.push(body.id);
      manual?.push(body.id);
    },
    'members by REST': () => owner.post(`/groups/${one(manual)}/members`, { userIds: [one(users)] }),
    'a manager by REST': () =>
      owner.patch(`/groups/${one(manual)}/members/${one(users)}`, { inGroupRole: 'manager' }),
    'a member less by REST': () => owner.delete(`/groups/${one(manual)}/members/${one(users)}`),
    'the role of a group': () => owner.patch(`/groups/${one(groups)}`, { role: roles[pick(3)] as string }),
    'the grants of a group': () =>
      owner.put(`/groups/${one(groups)}/grants`, [
        { resourceType: 'agent', tag: `t${pick(3)}`, level: 'use' },
      ] as object),
    'a role by REST': () => setRole(one(users), roles[pick(4)] as string),
    'a deactivation by REST': () =>
      owner.post(`/users/${one(users)}/deactivate?force=true`, { reason: 'Left.' }),
    'an activation by REST': () => owner.post(`/users/${one(users)}/activate?force=true`, {}),
    'an owner': () =>
      owner.put(`/users/${one(users)}/owner`, { owner: pick(2) === 0, password: OWNER_PASSWORD }),
    'an invitation': async () => {
      const { body } = await owner.post('/invitations', {
        email: someone(),
        role: 'train',
        groups: [one(manual)],
      });
      if (body.user !== undefined) users?.push(body.user.id);
    },
    'an elevation': async () => {
      const body = { role: 'admin', durationMinutes: 60, justification: 'On call for this week.' };
      const answer = await owner.post(`/users/${one(users)}/elevations`, body);
      if (answer.status === 201) elevations?.push(answer.body.id);
    },
    'the end of an elevation': () => owner.post(`/elevations/${one(elevations)}/revoke`, {}),
    'an offboarding': () => owner.post(`/users/${one(users)}/offboard?force=true`, {}),
    'an erasure': () =>
      owner.delete(`/users/${one(users)}?force=true`, { mode: 'hard', password: OWNER_PASSWORD }),
    'an import': async () => {
      const file = `email,name,role,groups\r\n${someone()},One,train,\r\n${someone()},Two,readonly,\r\n`;
      const { body } = await owner.post('/imports').set('Content-Type', 'text/csv').send(file);
      await owner.post(`/imports/${body.id}/confirm`);
      await rollcall.rollcall.runDueJobsOnce();
    },
    'a first sign-in': async () => {
      const { body } = await owner.get(`/groups/${one(groups)}`);
      const email = someone();
      await provider.signIn(createBrowser(), {
        nameId: email,
        attributes: [
          ['email', [email]],
          ['memberOf', [String(body.name)]],
        ],
      });
    },
  };
  return done;
}

describe('R149: the state of a moment', () => {
  test.each([7, 42])(
    'is what the API said at that moment, after any changes (seed %i)',
    async (seed) => {
      const pick = random(seed);
      const done = changes(pick);
      const names = Object.keys(done);
      const seen: { readonly moment: string; readonly change: string; readonly state: unknown }[] = [];
      for (let step = 0; step < 70; step += 1) {
        const change = (
          step < 6
            ? ['a user by SCIM', 'a group by REST', 'a group by SCIM'][step % 3]
            : names[pick(names.length)]
        ) as string;
        await done[change]?.();
        await delay(3);
        if (step % 3 !== 0) continue;
        const moment = new Date().toISOString();
        seen.push({ moment, change, state: await stateOf() });
        await delay(3);
      }
      expect(new Set(seen.map(({ state }) => JSON.stringify(state))).size).toBeGreaterThan(10);
      for (const { moment, change, state } of seen) {
        expect({ moment, change, state: await stateOf(moment) }).toEqual({ moment, change, state });
      }
    },
    180_000,
  );
});
