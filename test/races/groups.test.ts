import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { type Holder, hold } from '../support/locks.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY } from '../support/sso.ts';

/** Groups that a directory, which takes no lock of the organization, deletes, renames or creates at that moment. */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

let number = 0;
const name = () => `Raced ${++number}`;
const create = async (called = name()): Promise<string> =>
  (await owner.post('/groups', { name: called }).expect(201)).body.id;
const holdSql = (sql: string, ...values: unknown[]): Promise<Holder> =>
  hold(rollcall.databaseUrl, sql, [organization.org, ...values]);
const deleting = (group: string) => holdSql('delete from groups where org_id = $1 and id = $2', group);
const creating = (called: string) =>
  holdSql(
    `insert into groups (org_id, id, display_name, display_name_key, profile, source, created_at, updated_at)
      values ($1, gen_random_uuid(), $2, lower($2), '{}', 'scim', now(), now())`,
    called,
  );

/** Sends a request, and lets the change commit once the request waits for it. */
async function against<Answer>(held: Holder, send: () => PromiseLike<Answer>): Promise<Awaited<Answer>> {
  const answer = send().then((given) => given);
  await held.waitForWaiting(1);
  await held.release();
  return (await answer) as Awaited<Answer>;
}

describe('a group that a directory deletes at that moment', () => {
  test('gets no members', async () => {
    const [group, { id }] = [await create(), await joins(rollcall, owner)];
    const answer = await against(await deleting(group), () =>
      owner.post(`/groups/${group}/members`, { userIds: [id] }),
    );
    expect(answer.status).toBe(404);
  });

  test('gets no members by SCIM', async () => {
    const [group, { id }] = [await create(), await joins(rollcall, owner)];
    const answer = await against(await deleting(group), () =>
      organization.scim('PATCH', `/Groups/${group}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }],
      }),
    );
    expect(answer.status).toBe(404);
  });

  test('gets no user who is invited into it: the invitation is refused as a whole', async () => {
    const [group, email] = [await create(), `invited-${number}@rollcall.example`];
    const answer = await against(await deleting(group), () =>
      owner.post('/invitations', { email, groups: [group] }),
    );
    expect([answer.status, answer.body.code]).toEqual([422, 'group_not_found']);
    expect((await owner.get(`/users?q=${email}`)).body.data).toEqual([]);
  });

  test('gets no grants', async () => {
    const group = await create();
    const grants = [{ resourceType: 'agent', tag: 'sales', level: 'use' }];
    const answer = await against(await deleting(group), () => owner.put(`/groups/${group}/grants`, grants));
    expect(answer.status).toBe(404);
  });
});

describe('a group that a directory renames at that moment', () => {
  const renaming = (group: string, called: string) =>
    holdSql(
      `update groups set display_name = $3, display_name_key = lower($3), version = version + 1
        where org_id = $1 and id = $2`,
      group,
      called,
    );

  test('keeps that name when an administrator changes its description', async () => {
    const [group, called] = [await create(), name()];
    const answer = await against(await renaming(group, called), () =>
      owner.patch(`/groups/${group}`, { description: 'Who sells' }),
    );
    expect([answer.status, answer.body.name, answer.body.description]).toEqual([200, called, 'Who sells']);
  });

  test('is not deleted by a request whose If-Match names the version before', async () => {
    const group = await create();
    const { etag } = (await owner.get(`/groups/${group}`)).headers as { etag: string };
    const answer = await against(await renaming(group, name()), () =>
      owner.delete(`/groups/${group}`).set('If-Match', etag),
    );
    expect([answer.status, answer.body.code]).toEqual([412, 'version_mismatch']);
  });
});

describe('a name that a directory gives a group at that moment', () => {
  test('is taken: for an administrator who creates or renames a group, and for another directory', async () => {
    const group = await create();
    for (const send of [
      (called: string) => owner.post('/groups', { name: called }),
      (called: string) => owner.patch(`/groups/${group}`, { name: called }),
    ]) {
      const called = name();
      const answer = await against(await creating(called), () => send(called));
      expect([answer.status, answer.body.code]).toEqual([409, 'group_name_taken']);
    }
    const called = name();
    const answer = await against(await creating(called), () =>
      organization.scim('PATCH', `/Groups/${group}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'displayName', value: called }],
      }),
    );
    expect([answer.status, (answer.body as { scimType: string }).scimType]).toEqual([409, 'uniqueness']);
  });

  test('stops no first sign-in that would have created the group, which is the directory’s now', async () => {
    const provider = await connectSaml(rollcall, organization, {
      domains: ['groups.example'],
      provisioning: { enabled: true, groupAttribute: 'groups', autoCreateGroups: true },
    });
    const called = name();
    const browser = createBrowser();
    const said = {
      nameId: 'jane@groups.example',
      attributes: [
        ['email', ['jane@groups.example']],
        ['groups', [called]],
      ],
    } as const;
    const page = await against(await creating(called), () => provider.signIn(browser, said));
    expect(page.status).toBe(200);
    const [user] = (await owner.get('/users?q=jane@groups.example')).body.data;
    expect([user.status, user.groups]).toEqual(['active', []]);
    await provider.signIn(createBrowser(), {
      ...said,
      attributes: [said.attributes[0], ['groups', [name()]]],
    });
    const later = (await owner.get('/users?q=jane@groups.example')).body.data[0];
    expect(later.groups).toHaveLength(1);
  });
});

describe('the members of a group', () => {
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
  const person = async () => {
    const userName = `member-${++number}-${Date.now()}@rollcall.example`;
    return (
      (await organization.scim('POST', '/Users', { schemas, userName }).expect(201)).body as { id: string }
    ).id;
  };
  const put = (group: string, called: string, members: readonly string[]) =>
    organization
      .scim('PUT', `/Groups/${group}`, {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: called,
        members: members.map((value) => ({ value })),
      })
      .expect(200);

  test('keep a deleted user whom a list without them cannot name, who is a member again once restored', async () => {
    const [stays, deleted, called] = [await person(), await person(), name()];
    const made = await organization.scim('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: called,
      members: [{ value: stays }, { value: deleted }],
    });
    const { id: group } = made.body as { id: string };
    const force = { mode: 'soft', password: OWNER_PASSWORD };
    await owner.delete(`/users/${deleted}?force=true`, force).expect(204);
    const version = async () =>
      ((await organization.scim('GET', `/Groups/${group}`)).body as { meta: { version: string } }).meta
        .version;
    const before = await version();
    await put(group, called, [stays]);
    expect(await version()).toBe(before);
    await owner.post(`/users/${deleted}/restore`).expect(200);
    const groups = (await owner.get(`/users/${deleted}`)).body.groups as { id: string }[];
    expect(groups.map(({ id }) => id)).toEqual([group]);
    // Once they are there again, a list without them takes the membership away.
    await put(group, called, [stays]);
    expect((await owner.get(`/users/${deleted}`)).body.groups).toEqual([]);
  });
});

describe('a membership that another source grants at that moment', () => {
  test.each([
    ['removed', (_: string) => ({ op: 'remove', path: 'members' })],
    ['replaced', (other: string) => ({ op: 'replace', path: 'members', value: [{ value: other }] })],
  ])('loses the directory’s share when the directory’s members are %s', async (_, operation) => {
    const members = await Promise.all(Array.from({ length: 3 }, () => joins(rollcall, owner)));
    const [one, two, other] = members.map(({ id }) => id) as [string, string, string];
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
    const made = await organization.scim('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: name(),
      members: [{ value: one }, { value: two }],
    });
    const group = made.body.id as string;
    const granting = await holdSql(
      "update group_members set sources = array_append(sources, 'manual') where org_id = $1 and group_id = $2",
      group,
    );
    const sent = operation(other);
    const answer = await against(granting, () =>
      organization.scim('PATCH', `/Groups/${group}`, {
        schemas,
        Operations: 'value' in sent ? [sent] : [{ ...sent, value: [{ value: one }, { value: two }] }],
      }),
    );
    expect([200, 204]).toContain(answer.status);
    const { data } = (await owner.get(`/groups/${group}/members`)).body;
    const sources = new Map(
      data.map((each: { user: { id: string }; sources: string[] }) => [each.user.id, each.sources]),
    );
    expect([sources.get(one), sources.get(two)]).toEqual([['manual'], ['manual']]);
  });
});
