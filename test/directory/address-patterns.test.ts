import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesAddressPattern, PATTERN_RULE } from '../../src/directory/groups/rules/address-pattern.ts';
import { likeOf } from '../../src/directory/groups/store/patterns.ts';
import { anonymous, joins, mailedToken, PASSWORD, signInAsOwner, type TestUser } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { directoryOf, type Undo } from '../undo/directory.ts';

/** Groups that add everyone whose sign-in address matches, whoever makes and changes users (ADR 0058). */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

let number = 0;
/** A domain that nothing else in this file uses. */
const domain = () => `d${++number}.example`;

interface Group {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly autoAssignPattern: string | null;
}
const create = async (body: object): Promise<Group> =>
  (await owner.post('/groups', { name: `Group ${++number}`, ...body }).expect(201)).body;
const settle = () => rollcall.rollcall.followAddresses();
const sql = <Row extends object>(text: string, ...values: unknown[]) =>
  rollcall.rollcall.db.search<Row>(text, [organization.org, ...values]);

const user = async (email: string, more: object = {}): Promise<string> => {
  const answer = await organization.scim('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: email,
    emails: [{ value: email, primary: true }],
    ...more,
  });
  expect(answer.status).toBe(201);
  return (answer.body as { id: string }).id;
};
const patch = (path: string, ...operations: object[]) =>
  organization.scim('PATCH', path, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: operations,
  });
const sourcesOf = async (group: string): Promise<Record<string, string[]>> =>
  Object.fromEntries(
    (
      await sql<{ id: string; sources: string[] }>(
        'select user_id as id, sources from group_members where org_id = $1 and group_id = $2',
        group,
      )
    ).map(({ id, sources }) => [id, sources]),
  );

/** Compares all memberships with the rule: everyone who is not deleted and matches, and no one else. */
async function expectExact(): Promise<void> {
  const users = await sql<{ id: string; email: string | null }>(
    'select id, email_key as email from users where org_id = $1 and deleted_at is null',
  );
  const groups = await sql<{ id: string; pattern: string | null }>(
    'select id, auto_assign_pattern as pattern from groups where org_id = $1',
  );
  const given = await sql<{ place: string }>(
    `select m.group_id || ' ' || m.user_id as place from group_members m
      join users u on u.org_id = m.org_id and u.id = m.user_id
      where m.org_id = $1 and 'pattern' = any (m.sources) and u.deleted_at is null`,
  );
  const wanted = groups.flatMap(({ id: group, pattern }) =>
    users
      .filter(({ email }) => pattern !== null && email !== null && matchesAddressPattern(pattern, email))
      .map(({ id }) => `${group} ${id}`),
  );
  expect(given.map(({ place }) => place).sort()).toEqual(wanted.sort());
}

describe('R99: a group with a pattern', () => {
  test('has everyone whose address matches: those who are there, and those who come by SCIM later', async () => {
    const at = domain();
    const before = await user(`jane@${at}`);
    const other = await user(`jane@not-${at}`);
    const group = await create({ autoAssignPattern: ` *@${at.toUpperCase()} ` });
    expect(group.autoAssignPattern).toBe(`*@${at}`);
    const after = await user(`JOHN@${at}`);
    await settle();
    expect(await sourcesOf(group.id)).toEqual({ [before]: ['pattern'], [after]: ['pattern'] });
    expect(other).not.toBe(before);
    const { data } = (await owner.get(`/groups/${group.id}/members`)).body;
    expect(data.map(({ sources }: { sources: string[] }) => sources)).toEqual([['pattern'], ['pattern']]);
    await expectExact();
  });

  test('follows an address that SCIM changes, a user who is deleted and restored, and one who is deactivated', async () => {
    const at = domain();
    const group = await create({ autoAssignPattern: `*@${at}` });
    const [moves, comes, leaves] = [
      await user(`moves@${at}`),
      await user(`comes@other-${at}`),
      await user(`leaves@${at}`),
    ];
    await settle();
    expect(Object.keys(await sourcesOf(group.id)).sort()).toEqual([moves, leaves].sort());
    const emails = (value: string) => ({ op: 'replace', value: { emails: [{ value, primary: true }] } });
    await patch(`/Users/${moves}`, emails(`moves@away-${at}`)).expect(200);
    await patch(`/Users/${comes}`, emails(`comes@${at}`)).expect(200);
    await patch(`/Users/${leaves}`, { op: 'replace', value: { active: false } }).expect(200);
    await settle();
    expect(Object.keys(await sourcesOf(group.id)).sort()).toEqual([comes, leaves].sort());
    await expectExact();

    await organization.scim('DELETE', `/Users/${leaves}`).expect(204);
    await settle();
    await owner.post(`/users/${leaves}/restore`, { email: `leaves@gone-${at}` }).expect(200);
    await settle();
    expect(Object.keys(await sourcesOf(group.id))).toEqual([comes]);
    await organization.scim('DELETE', `/Users/${comes}`).expect(204);
    await owner.post(`/users/${comes}/restore`, {}).expect(200);
    await settle();
    expect(Object.keys(await sourcesOf(group.id))).toEqual([comes]);
    await expectExact();
  });

  test('has who is invited, imported or created by hand, and follows an address that they change themselves', async () => {
    const at = domain();
    const group = await create({ autoAssignPattern: `*@${at}` });
    const invited = await joins(rollcall, owner, { email: `invited@${at}` });
    const made = (
      await owner.post('/users', { email: `made@${at}`, name: 'Made', invite: false }).expect(201)
    ).body.user.id;
    const changes = await joins(rollcall, owner, { email: `changes@other-${at}` });
    const email = `changes@${at}`;
    await changes.post('/me/email-change', { email, password: PASSWORD }).expect(202);
    const token = await mailedToken(rollcall, email, /\/confirm-email\/(token_[a-f0-9]{64})/);
    await anonymous(rollcall.server).post(`/email-change/${token}/confirm`).expect(200);
    await settle();
    expect(Object.keys(await sourcesOf(group.id)).sort()).toEqual([invited.id, made, changes.id].sort());
    await expectExact();
  });

  test('keeps a share of each source: who was put in by hand stays, SCIM takes back only what it gave', async () => {
    const at = domain();
    const [byHand, byScim] = [await user(`hand@${at}`), await user(`scim@${at}`)];
    const group = await create({});
    await owner.post(`/groups/${group.id}/members`, { userIds: [byHand] }).expect(200);
    await owner.patch(`/groups/${group.id}`, { autoAssignPattern: `*@${at}` }).expect(200);
    await settle();
    await patch(`/Groups/${group.id}`, { op: 'add', path: 'members', value: [{ value: byScim }] }).expect(
      204,
    );
    expect(await sourcesOf(group.id)).toEqual({
      [byHand]: ['manual', 'pattern'],
      [byScim]: ['pattern', 'scim'],
    });
    await patch(`/Groups/${group.id}`, { op: 'remove', path: `members[value eq "${byScim}"]` }).expect(204);
    await patch(`/Groups/${group.id}`, { op: 'replace', path: 'members', value: [] }).expect(204);
    expect(await sourcesOf(group.id)).toEqual({ [byHand]: ['manual', 'pattern'], [byScim]: ['pattern'] });
    await owner.patch(`/groups/${group.id}`, { autoAssignPattern: null }).expect(200);
    await settle();
    expect(await sourcesOf(group.id)).toEqual({ [byHand]: ['manual'] });
    await expectExact();
  });

  test('ends and adds memberships when its pattern changes, and says why in the audit trail', async () => {
    const [from, to] = [domain(), domain()];
    const [leaves, joinsIt] = [
      await user(`a@${from}`, { displayName: 'Lea Leaves' }),
      await user(`b@${to}`, { displayName: 'Jo Joins' }),
    ];
    const { id, name } = await create({ autoAssignPattern: `*@${from}` });
    await settle();
    await owner.patch(`/groups/${id}`, { autoAssignPattern: `*@${to}` }).expect(200);
    await settle();
    expect(await sourcesOf(id)).toEqual({ [joinsIt]: ['pattern'] });
    expect(leaves).not.toBe(joinsIt);
    const said = (await owner.get(`/audit?target=${id}`)).body.data.map(
      ({ sentence }: { sentence: string }) => sentence,
    );
    expect(said).toEqual([
      `Rollcall added Jo Joins to the group ${name}, because their address matches *@${to}.`,
      `Rollcall removed Lea Leaves from the group ${name}, because *@${from} no longer adds them.`,
      expect.stringContaining(
        `changed the group ${name}, which no longer adds everyone with *@${from}, which now adds everyone with *@${to}.`,
      ),
      `Rollcall added Lea Leaves to the group ${name}, because their address matches *@${from}.`,
      expect.stringContaining(`created the group ${name}, which adds everyone with *@${from}.`),
    ]);
  });

  test('changes nothing, and no version, when there is nothing to settle', async () => {
    const at = domain();
    const jane = await user(`jane@${at}`);
    const { id } = await create({ autoAssignPattern: `*@${at}` });
    await settle();
    const { version } = (await owner.get(`/groups/${id}`)).body;
    await patch(`/Users/${jane}`, { op: 'replace', value: { displayName: 'Jane D.' } }).expect(200);
    await settle();
    await settle();
    expect((await owner.get(`/groups/${id}`)).body.version).toBe(version);
    expect((await owner.get(`/audit?target=${id}&action=group.member_added`)).body.data).toHaveLength(1);
  });

  test('leaves out who has no sign-in address, since another user has it, until they claim it', async () => {
    const at = domain();
    const first = await user(`shared@${at}`);
    const second = await user(`second-${at}`, { emails: [{ value: `shared@${at}`, primary: true }] });
    const { id } = await create({ autoAssignPattern: `*@${at}` });
    await settle();
    expect(Object.keys(await sourcesOf(id))).toEqual([first]);
    await organization.scim('DELETE', `/Users/${first}`).expect(204);
    await patch(`/Users/${second}`, { op: 'replace', value: { displayName: 'Second' } }).expect(200);
    await settle();
    expect(Object.keys(await sourcesOf(id))).toContain(second);
    await expectExact();
  });

  test('knows no other organization', async () => {
    const at = domain();
    const other = await rollcall.organization();
    const theirs = await signInAsOwner(rollcall, other);
    const { id } = (await theirs.post('/groups', { name: 'Theirs', autoAssignPattern: `*@${at}` })).body;
    await user(`jane@${at}`);
    await settle();
    expect((await theirs.get(`/groups/${id}/members`)).body.data).toEqual([]);
    expect((await owner.get(`/groups/${id}`)).status).toBe(404);
  });

  test.each(['100%@', 'a_b@', 'a\\b@', "x'y@", '[a]+@', '(a|b)@', 'ß@'])(
    'takes %s literally',
    async (local) => {
      const at = domain();
      const same = await user(`1${local}${at}`);
      await user(`1${local.replace(/[%_\\'[(ß]/u, 'z')}${at}`);
      const { id } = await create({ autoAssignPattern: `*${local}${at}` });
      await settle();
      expect(Object.keys(await sourcesOf(id))).toEqual([same]);
      await expectExact();
    },
  );
});

describe('a pattern of addresses', () => {
  test.each([
    '*',
    '*@*',
    '*@*.*',
    'jane@acme.example',
    'a*a*a*a*a*a*@acme.example',
    '*@a b',
    '',
    `*@${'a'.repeat(253)}`,
  ])('%j is refused with one sentence', async (autoAssignPattern) => {
    const answer = await owner.post('/groups', { name: `Group ${++number}`, autoAssignPattern });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toEqual([
      {
        path: 'autoAssignPattern',
        code: 'custom',
        message: PATTERN_RULE,
      },
    ]);
  });

  test('does not go together with the role admin, whichever comes first', async () => {
    const at = domain();
    const refusal = { code: 'role_above_limit', status: 403 };
    const body = { name: `Group ${++number}`, role: 'admin', autoAssignPattern: `*@${at}` };
    expect((await owner.post('/groups', body)).body).toMatchObject(refusal);
    const withPattern = await create({ autoAssignPattern: `*@${at}`, role: 'configure' });
    expect((await owner.patch(`/groups/${withPattern.id}`, { role: 'admin' })).body).toMatchObject(refusal);
    const admins = await create({ role: 'admin' });
    expect((await owner.patch(`/groups/${admins.id}`, { autoAssignPattern: `*@${at}` })).body).toMatchObject(
      refusal,
    );
  });

  test('is not for a group that a directory provisions, and stays, to be taken away, when a directory takes one over', async () => {
    const pushed = (
      await organization.scim('POST', '/Groups', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: `Pushed ${++number}`,
      })
    ).body as { id: string };
    const refused = await owner.patch(`/groups/${pushed.id}?force=true`, {
      autoAssignPattern: '*@x.example',
    });
    expect([refused.status, refused.body.code]).toEqual([409, 'managed_by_directory']);
    const at = domain();
    const jane = await user(`jane@${at}`);
    const group = await create({ autoAssignPattern: `*@${at}` });
    await settle();
    await patch(`/Groups/${group.id}`, { op: 'replace', path: 'displayName', value: `${group.name} x` });
    expect((await owner.get(`/groups/${group.id}`)).body).toMatchObject({
      source: 'scim',
      autoAssignPattern: `*@${at}`,
    });
    expect(Object.keys(await sourcesOf(group.id))).toEqual([jane]);
    await owner.patch(`/groups/${group.id}`, { autoAssignPattern: null }).expect(200);
    await settle();
    expect(await sourcesOf(group.id)).toEqual({});
  });

  test('is set by who manages the groups of the whole organization, and no manager', async () => {
    const group = await create({});
    const manager = await joins(rollcall, owner, { role: 'configure' });
    await owner
      .post(`/groups/${group.id}/members`, { userIds: [manager.id], inGroupRole: 'manager' })
      .expect(200);
    expect((await manager.patch(`/groups/${group.id}`, { autoAssignPattern: '*@x.example' })).status).toBe(
      403,
    );
    expect((await manager.post('/groups/dry-run', { autoAssignPattern: '*@x.example' })).status).toBe(403);
  });

  test('gives no role that its inviter could not give: a manager invites no one into it by an address', async () => {
    const at = domain();
    await create({ role: 'configure', autoAssignPattern: `*@${at}` });
    const mine = await create({});
    const manager = await joins(rollcall, owner, { role: 'configure' });
    await owner
      .post(`/groups/${mine.id}/members`, { userIds: [manager.id], inGroupRole: 'manager' })
      .expect(200);
    const invite = (email: string) => manager.post('/invitations', { email, groups: [mine.id] });
    const refused = await invite(`friend@${at}`);
    expect([refused.status, refused.body.code]).toEqual([403, 'role_above_limit']);
    expect((await invite(`friend@other-${at}`)).status).toBe(201);
  });

  test('is had by 200 groups of an organization at most', async () => {
    const other = await rollcall.organization();
    const theirs = await signInAsOwner(rollcall, other);
    await rollcall.rollcall.db.search(
      `insert into groups (org_id, id, display_name, display_name_key, profile, source, created_at, updated_at, auto_assign_pattern)
        select $1::uuid, gen_random_uuid(), 'g' || n, 'g' || n, '{}', 'manual', now(), now(), '*@x' || n || '.example'
        from generate_series(1, 200) as n`,
      [other.org],
    );
    const refused = await theirs.post('/groups', { name: 'One more', autoAssignPattern: '*@x.example' });
    expect([refused.status, refused.body.code]).toEqual([409, 'too_many']);
  });
});

describe('a member whom a pattern added', () => {
  test('is not taken out by hand, not alone, with others, nor by an edit of the user, and is told apart in one sentence', async () => {
    const at = domain();
    const jane = await user(`jane@${at}`);
    const group = await create({ autoAssignPattern: `*@${at}` });
    await settle();
    const message = `This user is in "${group.name}" because their address matches *@${at}: change the address, or the pattern of the group.`;
    const refusal = { code: 'member_by_pattern', detail: message };
    const removed = await owner.delete(`/groups/${group.id}/members/${jane}`);
    expect([removed.status, removed.body]).toEqual([409, expect.objectContaining(refusal)]);
    const edited = await owner.patch(`/users/${jane}`, { groups: [] });
    expect([edited.status, edited.body.code]).toEqual([409, 'member_by_pattern']);
    const bulk = await owner.post('/users/bulk', {
      userIds: [jane],
      action: 'remove_from_group',
      params: { groupIds: [group.id] },
    });
    expect(bulk.body.results).toEqual([{ id: jane, ok: false, code: 'member_by_pattern', message }]);
    expect(await sourcesOf(group.id)).toEqual({ [jane]: ['pattern'] });
  });

  test('keeps that through offboarding, which takes every other group from them', async () => {
    const at = domain();
    const leaver = await joins(rollcall, owner, { email: `leaver@${at}` });
    const [byAddress, byHand] = [await create({ autoAssignPattern: `*@${at}` }), await create({})];
    await owner.post(`/groups/${byHand.id}/members`, { userIds: [leaver.id] }).expect(200);
    await settle();
    await owner.post(`/groups/${byAddress.id}/members`, { userIds: [leaver.id] }).expect(200);
    const offboarded = await owner.post(`/users/${leaver.id}/offboard`, { removeGroups: true }).expect(202);
    expect(offboarded.body.removedGroups).toBe(1);
    await settle();
    expect(await sourcesOf(byAddress.id)).toEqual({ [leaver.id]: ['pattern'] });
    expect(await sourcesOf(byHand.id)).toEqual({});
    expect((await owner.get(`/groups/${byAddress.id}`)).body).toMatchObject({
      memberCount: 0,
      suspendedMemberCount: 1,
    });
  });

  test('is explained: why they have the right, and in the history of the group', async () => {
    const at = domain();
    const jane = await joins(rollcall, owner, { email: `jane@${at}` });
    const group = await create({ autoAssignPattern: `*@${at}`, role: 'train' });
    await settle();
    const explained = await owner
      .post('/authz/explain', { userId: jane.id, permission: 'responses:train' })
      .expect(200);
    expect(JSON.stringify(explained.body.reasons)).toContain(
      `by the group \\"${group.name}\\", which adds everyone with *@${at}`,
    );
    const past = await owner.get(`/groups/${group.id}?asOf=${new Date().toISOString()}`).expect(200);
    expect(past.body.autoAssignPattern).toBe(`*@${at}`);
  });
});

describe('an undo', () => {
  const undo = async (request: object) => {
    const preview: Undo = (await owner.post('/undos', request).expect(201)).body;
    const okta = directoryOf(rollcall, organization);
    await okta.confirm(owner, preview).expect(202);
    return okta.finish(owner, preview);
  };

  test('brings back a deleted group with its pattern, which holds for who came meanwhile', async () => {
    const at = domain();
    const [stays, leaves] = [await user(`stays@${at}`), await user(`leaves@${at}`)];
    const { id } = await create({ autoAssignPattern: `*@${at}` });
    await settle();
    const from = new Date().toISOString();
    await organization.scim('DELETE', `/Groups/${id}`).expect(204);
    const to = new Date().toISOString();
    const comes = await user(`comes@${at}`);
    const emails = [{ value: `leaves@away-${at}`, primary: true }];
    await patch(`/Users/${leaves}`, { op: 'replace', value: { emails } }).expect(200);
    await settle();
    expect(await undo({ connectionId: organization.connection, from, to })).toMatchObject({
      counts: { failed: 0 },
    });
    await settle();
    expect((await owner.get(`/groups/${id}`)).body.autoAssignPattern).toBe(`*@${at}`);
    expect(Object.keys(await sourcesOf(id)).sort()).toEqual([stays, comes].sort());
    await expectExact();
  });

  test('gives a group the pattern that it had, and takes one away', async () => {
    const [before, after] = [domain(), domain()];
    const [one, two] = [await user(`one@${before}`), await user(`two@${after}`)];
    const { id } = await create({ autoAssignPattern: `*@${before}` });
    const changed = await owner.patch(`/groups/${id}`, { autoAssignPattern: `*@${after}` }).expect(200);
    await settle();
    expect(Object.keys(await sourcesOf(id))).toEqual([two]);
    expect(await undo({ requestId: changed.headers['x-request-id'] })).toMatchObject({
      counts: { undo: 1, failed: 0 },
    });
    await settle();
    expect(Object.keys(await sourcesOf(id))).toEqual([one]);
    await expectExact();
  });
});

describe('R153: a dry run', () => {
  test('shows who would join, who would leave, and whose role would change', async () => {
    const [from, to] = [domain(), domain()];
    const leaver = await joins(rollcall, owner, { email: `leaver@${from}`, name: 'Lea Leaver' });
    const joiner = await joins(rollcall, owner, { email: `joiner@${to}`, name: 'Jo Joiner' });
    const stays = await joins(rollcall, owner, { email: `stays@${from}`, role: 'configure' });
    const group = await create({ autoAssignPattern: `*@${from}`, role: 'train' });
    await owner.post(`/groups/${group.id}/members`, { userIds: [stays.id] }).expect(200);
    await settle();
    const { body } = await owner
      .post(`/groups/${group.id}/dry-run`, { autoAssignPattern: `*@${to}` })
      .expect(200);
    const reference = ({ id, email }: TestUser, name: string) => expect.objectContaining({ id, email, name });
    expect(body).toMatchObject({
      joining: { users: 1, usersAreExact: true, people: [reference(joiner, 'Jo Joiner')] },
      leaving: { users: 1, usersAreExact: true, people: [reference(leaver, 'Lea Leaver')] },
      changes: [
        { before: 'train', after: 'readonly', users: 1 },
        { before: 'readonly', after: 'train', users: 1 },
      ],
      sentence:
        '1 person would join, 1 person would leave, 1 other user would have fewer rights, 1 user would have more rights. Nothing was changed.',
    });
    expect((await owner.get(`/groups/${group.id}`)).body.autoAssignPattern).toBe(`*@${from}`);
    await settle();
    expect(Object.keys(await sourcesOf(group.id)).sort()).toEqual([leaver.id, stays.id].sort());
  });

  test('of a group that is not there yet shows who would be in it, without a name as well', async () => {
    const at = domain();
    await user(`one@${at}`);
    await user(`two@${at}`);
    const { body } = await owner.post('/groups/dry-run', { autoAssignPattern: `*@${at}` }).expect(200);
    expect(body).toMatchObject({
      sentence: '2 people would join. Nothing was changed.',
      joining: { users: 2 },
    });
    expect((await owner.post('/groups/dry-run', { autoAssignPattern: `*@no-${at}` })).body.sentence).toBe(
      'No one would join or leave. Nothing was changed.',
    );
    const refused = await owner.post('/groups/dry-run', { autoAssignPattern: `*@${at}`, role: 'admin' });
    expect(refused.body.code).toBe('role_above_limit');
  });
});

test('the rule and its form in SQL agree on every pattern and address', async () => {
  const piece = fc.stringMatching(/^[aA.%_\\*@ß\u0130\u{1F600}e[\]()+?|-]{0,8}$/u);
  const cases = fc.sample(fc.tuple(piece, piece, piece), 4_000).map(([pattern, address, filling]) => ({
    pattern: pattern.toLowerCase().normalize('NFC'),
    address: (address.length % 2 === 0 ? address : pattern.replaceAll('*', filling))
      .normalize('NFC')
      .toLowerCase(),
  }));
  const rows = await rollcall.rollcall.db.search<{ matches: boolean }>(
    `select a collate "C" like ${likeOf('p')} as matches
      from unnest($2::text[], $3::text[]) with ordinality as c (p, a, n) where $1::text is not null order by n`,
    [organization.org, cases.map(({ pattern }) => pattern), cases.map(({ address }) => address)],
  );
  const expected = cases.map(({ pattern, address }) => matchesAddressPattern(pattern, address));
  expect(rows.map(({ matches }) => matches)).toEqual(expected);
  expect(expected.filter(Boolean).length).toBeGreaterThan(500);
});
