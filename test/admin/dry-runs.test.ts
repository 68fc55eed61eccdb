import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, mailsTo, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const dryRun = async (by: TestUser, body: object) => {
  const answer = await by.post('/users/bulk', { ...body, dryRun: true });
  expect(answer.status).toBe(200);
  return answer.body.preview;
};
const countEvents = async () => {
  const [row] = await rollcall.rollcall.db.search<{ events: number }>(
    `select count(*)::integer as events from events where org_id = $1 and action not like 'auth.%'`,
    [organization.org],
  );
  return row?.events;
};
const userOf = async (id: string) => (await owner.get(`/users/${id}`)).body;

describe('R153 a dry run of a bulk action', () => {
  test('says who would be deactivated and who loses a role, and changes nothing', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin', name: 'Ann Admin' });
    const reader = await joins(rollcall, owner);
    const gone = await joins(rollcall, owner);
    await owner.post(`/users/${gone.id}/deactivate`, {}).expect(200);
    const events = await countEvents();
    const stranger = '01890000-0000-7000-8000-00000000dead';
    const userIds = [admin.id, reader.id, gone.id, owner.id, stranger];
    const preview = await dryRun(owner, { action: 'deactivate', userIds, params: { reason: 'They left' } });
    expect(preview.sentence).toBe(
      '2 users would be deactivated, 3 would be refused, 1 administrator would lose their role, 1 other user would have fewer rights. Nothing was changed.',
    );
    expect(preview.roles).toEqual({ gained: 0, lost: 2, administratorsLost: 1 });
    expect(preview.people).toMatchObject([
      { id: admin.id, ok: true, user: { name: 'Ann Admin' }, before: 'admin', after: null },
      { id: reader.id, ok: true, before: 'readonly', after: null },
      { id: gone.id, ok: false, code: 'already_inactive', before: null, after: null },
      { id: owner.id, ok: false, code: 'self_change', before: 'admin', after: 'admin' },
      { id: stranger, ok: false, code: 'not_found', user: null },
    ]);
    expect(preview.counts[0]).toEqual({ code: null, message: null, users: 2 });
    expect(await countEvents()).toBe(events);
    expect(await userOf(admin.id)).toMatchObject({ status: 'active', role: 'admin' });
    expect((await admin.get('/me')).status).toBe(200);

    const done = await owner.post('/users/bulk', { action: 'deactivate', userIds });
    expect(done.body.preview).toBeNull();
    expect(done.body.results.map(({ code }: { code?: string }) => code)).toEqual(
      preview.people.map(({ code }: { code?: string }) => code),
    );
  });

  test('of a role needs no impact token, and says who gains', async () => {
    const [one, two] = [await joins(rollcall, owner), await joins(rollcall, owner, { role: 'configure' })];
    const body = { action: 'change_role', userIds: [one.id, two.id], params: { role: 'train' } };
    const preview = await dryRun(owner, body);
    expect(preview.people).toMatchObject([
      { before: 'readonly', after: 'train' },
      { before: 'configure', after: 'train' },
    ]);
    expect(preview.roles).toEqual({ gained: 1, lost: 1, administratorsLost: 0 });
    expect((await owner.post('/users/bulk', body)).body.code).toBe('impact_confirmation_required');
    expect((await userOf(one.id)).role).toBe('readonly');
  });

  test('of invitations sends no mail', async () => {
    const { body } = await owner.post('/invitations', { email: 'invited@rollcall.example' });
    const before = (await mailsTo(rollcall, 'invited@rollcall.example')).length;
    const preview = await dryRun(owner, { action: 'resend_invite', userIds: [body.user.id] });
    expect(preview.people).toMatchObject([{ ok: true }]);
    expect(await mailsTo(rollcall, 'invited@rollcall.example')).toHaveLength(before);
  });

  test('of 120 users is one of each, in the order in which they were named', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 120; number += 1) {
      const made = await owner.post('/users', { email: `many-${number}@rollcall.example`, invite: false });
      ids.push(made.body.id ?? made.body.user.id);
    }
    const { id: group } = (await owner.post('/groups', { name: 'Many', role: 'train' })).body;
    const action = { action: 'add_to_group', userIds: ids, params: { groupIds: [group] } };
    const preview = await dryRun(owner, action);
    expect(preview.people.map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(preview.roles).toEqual({ gained: 120, lost: 0, administratorsLost: 0 });
    expect((await owner.get(`/groups/${group}`)).body.memberCount).toBe(0);
  });
});

describe('R153 a dry run of a group’s change', () => {
  test('names the members whose effective role changes, and no others', async () => {
    const made = await owner.post('/groups', { name: 'Operators', role: 'admin' }).expect(201);
    const group = made.body.id;
    const [loses, keeps, hasOther] = [
      await joins(rollcall, owner, { groups: [group], name: 'Lee Loser' }),
      await joins(rollcall, owner, { groups: [group], role: 'admin' }),
      await joins(rollcall, owner, { groups: [group], role: 'configure' }),
    ];
    const { body } = await owner.post(`/groups/${group}/dry-run`, { role: 'train' }).expect(200);
    expect(body.sentence).toBe('2 administrators would lose their role. Nothing was changed.');
    expect(body.role).toEqual({ before: 'admin', after: 'train' });
    expect(body.changes).toMatchObject([
      { before: 'admin', after: 'configure', users: 1, people: [{ id: hasOther.id }] },
      { before: 'admin', after: 'train', users: 1, people: [{ id: loses.id, name: 'Lee Loser' }] },
    ]);
    expect(JSON.stringify(body)).not.toContain(keeps.id);
    expect((await owner.get(`/groups/${group}`)).body.role).toBe('admin');

    await owner.patch(`/groups/${group}`, { role: 'train' }).expect(200);
    expect((await userOf(loses.id)).effectiveRole).toBe('train');
    expect((await userOf(hasOther.id)).effectiveRole).toBe('configure');
  });

  test('is refused where the change is, and names no one to a key without users:read', async () => {
    const { body: group } = await owner.post('/groups', { name: 'Visitors' });
    const member = await joins(rollcall, owner, { groups: [group.id] });
    const admin = await joins(rollcall, owner, { role: 'admin' });
    expect((await admin.post(`/groups/${group.id}/dry-run`, { role: 'admin' })).body.code).toBe(
      (await admin.patch(`/groups/${group.id}`, { role: 'admin' })).body.code,
    );
    const made = await owner.post('/me/api-keys', {
      name: 'Groups',
      scopes: ['groups:manage', 'groups:members', 'roles:assign'],
    });
    const key = withKey(rollcall.server, made.body.token);
    const { body } = await key.post(`/groups/${group.id}/dry-run`, { role: 'train' }).expect(200);
    expect(body.changes).toMatchObject([{ users: 1, people: [] }]);
    expect(JSON.stringify(body)).not.toContain(member.id);
  });
});
