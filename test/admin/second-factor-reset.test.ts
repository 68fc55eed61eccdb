import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TOTP } from 'otpauth';
import { joins, mailsTo, PASSWORD, signIn, signInAsOwner, type TestUser } from '../support/admin.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const enrol = async (user: TestUser, password = PASSWORD): Promise<void> => {
  const { secret } = (await user.post('/me/totp', { password })).body;
  const code = new TOTP({ secret, period: 30 }).generate();
  expect((await user.post('/me/totp/confirm', { code })).status).toBe(200);
};
const reset = (by: TestUser, user: { readonly id: string }, body: object = { password: PASSWORD }) =>
  by.delete(`/users/${user.id}/totp`, body);
const enrolled = async (user: TestUser) => (await owner.get(`/users/${user.id}/security`)).body.mfa;

test('a lost second factor is reset with proof: the password is enough again, sessions end, the user is notified', async () => {
  const admin = await joins(rollcall, owner, { role: 'admin', name: 'Ada Admin' });
  const user = await joins(rollcall, owner);
  await enrol(user);
  await expect(signIn(rollcall.server, user.email, PASSWORD)).rejects.toThrow('second_factor_required');
  expect((await reset(admin, user, {})).body.code).toBe('step_up_required');
  expect((await reset(admin, user, { password: 'wrong' })).body.code).toBe('password_invalid');
  expect(await enrolled(user)).toBe(true);
  expect((await reset(admin, user)).status).toBe(204);
  expect((await user.get('/me')).status).toBe(401);
  expect((await (await signIn(rollcall.server, user.email, PASSWORD)).get('/me')).status).toBe(200);
  const mail = (await mailsTo(rollcall, user.email)).at(-1);
  expect(mail?.text).toContain('Ada Admin');
  expect(mail?.text).toContain('Signing in no longer asks for a code');
  expect(mail?.text).toContain('You were signed out everywhere');
  const events = await rollcall.rollcall.db.search<{ action: string; actor: { id: string } }>(
    `select action, jsonb_build_object('type', actor_type, 'id', actor_id, 'via', via) as actor from events where org_id = $1 and target_id = $2
      and action in ('second_factor.disabled', 'session.ended') order by id`,
    [organization.org, user.id],
  );
  expect(events.map(({ action, actor }) => [action, actor.id])).toEqual([
    ['second_factor.disabled', admin.id],
    ['session.ended', admin.id],
  ]);
});

test('a token of POST /auth/step-up is proof as well', async () => {
  const user = await joins(rollcall, owner);
  await enrol(user);
  const { stepUpToken } = (await owner.post('/auth/step-up', { password: OWNER_PASSWORD })).body;
  expect((await reset(owner, user, { stepUpToken })).status).toBe(204);
});

test('who has none, such as a user who signs in at a provider: 409 not_enrolled', async () => {
  const pushed = await organization.scim('POST', '/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'pushed@rollcall.example',
    emails: [{ value: 'pushed@rollcall.example', type: 'work', primary: true }],
  });
  const answer = await reset(owner, pushed.body as { id: string }, { password: OWNER_PASSWORD });
  expect([answer.status, answer.body.code]).toEqual([409, 'not_enrolled']);
});

test("guard rules 1 and 3: not one's own, only an owner resets an owner's, not outside managed groups", async () => {
  const admin = await joins(rollcall, owner, { role: 'admin' });
  const superior = await joins(rollcall, owner, { role: 'admin' });
  expect((await owner.put(`/users/${superior.id}/owner`, { password: OWNER_PASSWORD })).status).toBe(204);
  const [ours, theirs] = [
    (await owner.post('/groups', { name: 'Ours' })).body.id,
    (await owner.post('/groups', { name: 'Theirs' })).body.id,
  ];
  const manager = await joins(rollcall, owner, { role: 'configure' });
  await owner.post(`/groups/${ours}/members`, { userIds: [manager.id], inGroupRole: 'manager' });
  const [wholly, partly, elsewhere] = [
    await joins(rollcall, owner, { groups: [ours] }),
    await joins(rollcall, owner, { groups: [ours, theirs] }),
    await joins(rollcall, owner, { groups: [theirs] }),
  ];
  for (const user of [admin, superior, wholly, partly, elsewhere]) await enrol(user);

  const own = await reset(admin, admin);
  expect([own.status, own.body.code]).toEqual([403, 'self_change']);
  expect((await reset(admin, superior)).status).toBe(403);
  expect((await reset(manager, partly)).status).toBe(403);
  expect((await reset(manager, elsewhere)).status).toBe(404);
  expect((await reset(wholly, partly)).status).toBe(403);
  for (const user of [admin, superior, partly, elsewhere]) expect(await enrolled(user)).toBe(true);
  expect((await reset(manager, wholly)).status).toBe(204);
  expect((await reset(owner, superior, { password: OWNER_PASSWORD })).status).toBe(204);
});

test('of two concurrent ones, one resets', async () => {
  const user = await joins(rollcall, owner);
  const admin = await joins(rollcall, owner, { role: 'admin' });
  await enrol(user);
  const answers = await Promise.all([reset(admin, user), reset(owner, user, { password: OWNER_PASSWORD })]);
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
});
