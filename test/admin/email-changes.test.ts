import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  anonymous,
  invitationToken,
  joins,
  mailsTo,
  PASSWORD,
  signIn,
  signInAsOwner,
  type TestUser,
  withKey,
} from '../support/admin.ts';
import { hold } from '../support/held-rows.ts';
import {
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';

const HOUR = 3_600_000;
let shift = 0;
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let admin: TestUser;
let testUser: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(Date.now() + shift) });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  admin = await joins(rollcall, owner, { role: 'admin' });
});
beforeEach(async () => {
  testUser = await joins(rollcall, owner);
});
afterAll(() => rollcall.close());

const newAddress = () => `new-${randomBytes(5).toString('hex')}@rollcall.example`;
const tokenTo = async (email: string): Promise<string> => {
  const mail = (await mailsTo(rollcall, email)).findLast(({ text }) => text?.includes('/confirm-email/'));
  return /\/confirm-email\/(token_[a-f0-9]{64})/.exec(mail?.text ?? '')?.[1] ?? 'no mail';
};
const confirm = (token: string) => anonymous(rollcall.server).post(`/email-change/${token}/confirm`);
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code];

describe('an administrator changes an address', () => {
  test('when the new one is confirmed: the old one is notified, sessions and links end', async () => {
    const email = newAddress();
    await anonymous(rollcall.server).post('/auth/password-reset', { email: testUser.email });
    const reset = /#(reset_[\w-]+)/.exec((await mailsTo(rollcall, testUser.email)).at(-1)?.text ?? '')?.[1];
    const requested = await admin.post(`/users/${testUser.id}/email-change`, { email });
    expect([requested.status, requested.body.email]).toEqual([202, email]);
    expect((await admin.get(`/users/${testUser.id}`)).body).toMatchObject({
      email: testUser.email,
      pendingEmail: { email, expiresAt: requested.body.expiresAt },
    });
    const token = await tokenTo(email);
    for (const _ of [1, 2]) {
      const seen = await anonymous(rollcall.server).get(`/email-change/${token}`);
      expect(seen.body).toEqual({ organization: 'Test', email: testUser.email, newEmail: email });
    }
    expect((await testUser.get('/me')).status).toBe(200);
    expect((await confirm(token)).status).toBe(200);
    expect((await admin.get(`/users/${testUser.id}`)).body).toMatchObject({ email, pendingEmail: null });
    expect((await testUser.get('/me')).status).toBe(401);
    const used = await request(rollcall.server)
      .post('/api/v1/auth/password-reset/confirm')
      .send({ token: reset, password: 'another one 42 ways' });
    expect(codeOf(used)).toEqual([410, 'reset_expired']);
    const told = (await mailsTo(rollcall, testUser.email)).at(-1);
    expect([told?.subject, told?.text?.includes(email)]).toEqual([
      'The email address of your account at Test was changed',
      true,
    ]);
    expect((await signIn(rollcall.server, email, PASSWORD)).id).toBe(testUser.id);
    await expect(signIn(rollcall.server, testUser.email, PASSWORD)).rejects.toThrow('401');
    expect((await organization.scim('GET', `/Users?filter=userName eq "${email}"`)).body.totalResults).toBe(
      1,
    );
    expect(codeOf(await confirm(token))).toEqual([404, 'not_found']);
  });

  test('of a pending user immediately, and the invitation is sent there', async () => {
    const [before, after] = [newAddress(), newAddress()];
    const { user } = (await owner.post('/invitations', { email: before })).body;
    const old = await invitationToken(rollcall, before);
    const changed = await admin.post(`/users/${user.id}/email-change`, { email: after });
    expect([changed.status, changed.body]).toEqual([202, { email: after, expiresAt: null }]);
    expect((await anonymous(rollcall.server).get(`/invite/${old}`)).status).toBe(404);
    const token = await invitationToken(rollcall, after);
    expect((await anonymous(rollcall.server).get(`/invite/${token}`)).body.email).toBe(after);
  });

  test('to one that another user has: 409, also if it is accepted before the confirmation', async () => {
    const other = await joins(rollcall, owner);
    const taken = await admin.post(`/users/${testUser.id}/email-change`, {
      email: other.email.toUpperCase(),
    });
    expect(codeOf(taken)).toEqual([409, 'email_taken']);
    const email = newAddress();
    await admin.post(`/users/${testUser.id}/email-change`, { email });
    const token = await tokenTo(email);
    await joins(rollcall, owner, { email });
    expect(codeOf(await confirm(token))).toEqual([409, 'email_taken']);
    expect((await admin.get(`/users/${testUser.id}`)).body.email).toBe(testUser.email);
  });

  test('to one that another user shared and may claim: 409', async () => {
    const email = newAddress();
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
    const emails = [{ value: email, primary: true }];
    const holder = await organization.scim('POST', '/Users', { schemas, userName: email, emails });
    const shares = await organization.scim('POST', '/Users', { schemas, userName: newAddress(), emails });
    expect((await owner.get(`/users/${shares.body.id}`)).body.emailSharedWith.id).toBe(holder.body.id);
    expect((await organization.scim('DELETE', `/Users/${holder.body.id}`)).status).toBe(204);
    const refused = await admin.post(`/users/${testUser.id}/email-change`, { email });
    expect(codeOf(refused)).toEqual([409, 'email_taken']);
  });

  test('only of users whose role they may give, and never of an owner', async () => {
    const ofOwner = await admin.post(`/users/${owner.id}/email-change`, { email: newAddress() });
    expect(ofOwner.status).toBe(403);
    await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: true } });
    try {
      const other = await joins(rollcall, owner, { role: 'admin' });
      for (const [path, body] of [
        ['email-change', { email: newAddress() }],
        ['password-reset', {}],
      ] as const) {
        const refused = await admin.post(`/users/${other.id}/${path}`, body);
        expect(codeOf(refused)).toEqual([403, 'role_above_limit']);
        expect((await owner.post(`/users/${other.id}/${path}`, body)).status).toBe(202);
      }
    } finally {
      await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: false } });
    }
  });

  test('not of a provisioned user, unless an owner forces it', async () => {
    const made = await organization.scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: newAddress(),
    });
    const path = `/users/${made.body.id}/email-change`;
    expect(codeOf(await admin.post(path, { email: newAddress() }))).toEqual([409, 'managed_by_directory']);
    expect((await owner.post(`${path}?force=true`, { email: newAddress() })).status).toBe(202);
  });

  test('and cancels it: the link is dead', async () => {
    const email = newAddress();
    await admin.post(`/users/${testUser.id}/email-change`, { email });
    const token = await tokenTo(email);
    expect((await admin.delete(`/users/${testUser.id}/email-change`)).status).toBe(204);
    expect((await admin.delete(`/users/${testUser.id}/email-change`)).status).toBe(404);
    expect(codeOf(await confirm(token))).toEqual([404, 'not_found']);
  });

  test('by links that end after 24 hours, with another request, and with a deactivation', async () => {
    const [first, second] = [newAddress(), newAddress()];
    await admin.post(`/users/${testUser.id}/email-change`, { email: first });
    const replaced = await tokenTo(first);
    await admin.post(`/users/${testUser.id}/email-change`, { email: second });
    expect((await confirm(replaced)).status).toBe(404);
    const token = await tokenTo(second);
    await admin.post(`/users/${testUser.id}/deactivate`, {});
    expect((await confirm(token)).status).toBe(404);
    await admin.post(`/users/${testUser.id}/activate`, {});
    shift += 24 * HOUR;
    try {
      expect((await confirm(token)).status).toBe(404);
    } finally {
      shift -= 24 * HOUR;
    }
  });

  test('once, when the link is used twice at the same time', async () => {
    const email = newAddress();
    await admin.post(`/users/${testUser.id}/email-change`, { email });
    const token = await tokenTo(email);
    const answers = await Promise.all([confirm(token), confirm(token), confirm(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
  });

  test('only while the administrator who asked may do so: their mailbox is not theirs for ever', async () => {
    const viewer = await joins(rollcall, owner, { role: 'admin' });
    const email = newAddress();
    await viewer.post(`/users/${testUser.id}/email-change`, { email });
    const token = await tokenTo(email);
    await owner.post(`/users/${viewer.id}/deactivate`, {});
    expect(codeOf(await confirm(token))).toEqual([404, 'not_found']);
    expect((await owner.get(`/users/${testUser.id}`)).body.email).toBe(testUser.email);
    await owner.post(`/users/${viewer.id}/activate`, {});
    expect((await confirm(token)).status).toBe(200);
  });

  test('not once the user has a role that the requester may not assign, or is an owner', async () => {
    const email = newAddress();
    await admin.post(`/users/${testUser.id}/email-change`, { email });
    const token = await tokenTo(email);
    const { impactToken } = (await owner.get(`/users/${testUser.id}/role-impact?role=admin`)).body;
    await owner.put(`/users/${testUser.id}/role`, { role: 'admin', impactToken });
    expect((await owner.get(`/users/${testUser.id}`)).body.role).toBe('admin');
    await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: true } });
    try {
      expect(codeOf(await confirm(token))).toEqual([404, 'not_found']);
    } finally {
      await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: false } });
    }
    await rollcall.rollcall.db.search('update users set owner = true where id = $1', [testUser.id]);
    expect(codeOf(await confirm(token))).toEqual([404, 'not_found']);
  });

  test('by links that a deactivation ends for good', async () => {
    const email = newAddress();
    await admin.post(`/users/${testUser.id}/email-change`, { email });
    const token = await tokenTo(email);
    await admin.post(`/users/${testUser.id}/deactivate`, {});
    await admin.post(`/users/${testUser.id}/activate`, {});
    expect((await confirm(token)).status).toBe(404);
  });

  test('and a change by a directory at the same moment stays', async () => {
    const email = newAddress();
    await admin.post(`/users/${testUser.id}/email-change`, { email });
    const token = await tokenTo(email);
    const text = `update users set profile = profile || '{"title":"Engineer"}', version = version + 1 where id = $1`;
    const held = await hold(rollcall.databaseUrl, text, [testUser.id]);
    const confirmed = confirm(token).then(codeOf);
    await held.waiters(1);
    await held.release();
    expect((await confirmed)[0]).toBe(200);
    const [{ profile }] = (await rollcall.rollcall.db.search('select profile from users where id = $1', [
      testUser.id,
    ])) as [{ profile: object }];
    expect(profile).toMatchObject({ title: 'Engineer', emails: [{ value: email }] });
  });

  test('not of a user that a directory deactivates concurrently', async () => {
    const email = newAddress();
    await admin.post(`/users/${testUser.id}/email-change`, { email });
    const token = await tokenTo(email);
    const text = `update users set status = 'inactive', keys_from = now(), version = version + 1 where id = $1`;
    const held = await hold(rollcall.databaseUrl, text, [testUser.id]);
    const confirmed = confirm(token).then(codeOf);
    await held.waiters(1);
    await held.release();
    expect(await confirmed).toEqual([404, 'not_found']);
    expect((await admin.get(`/users/${testUser.id}`)).body.email).toBe(testUser.email);
  });

  test('with ten mails to one address in a quarter of an hour, whoever the user is', async () => {
    const email = newAddress();
    const users = [testUser, await joins(rollcall, owner)];
    const statuses: number[] = [];
    for (let n = 0; n < 11; n += 1) {
      const { status } = await admin.post(`/users/${users[n % 2]?.id}/email-change`, { email });
      statuses.push(status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(202), 429]);
  });
});

describe('a user changes their own address', () => {
  test('with their password and a confirmation', async () => {
    const email = newAddress();
    expect(codeOf(await testUser.post('/me/email-change', { email }))).toEqual([403, 'step_up_required']);
    const requested = await testUser.post('/me/email-change', { email, password: PASSWORD });
    expect(requested.status).toBe(202);
    expect((await testUser.get('/me')).body.user.pendingEmail.email).toBe(email);
    expect((await confirm(await tokenTo(email))).status).toBe(200);
    expect((await signIn(rollcall.server, email, PASSWORD)).id).toBe(testUser.id);
  });

  test('and cancels it', async () => {
    const email = newAddress();
    await testUser.post('/me/email-change', { email, password: PASSWORD });
    expect((await testUser.delete('/me/email-change')).status).toBe(204);
    expect((await confirm(await tokenTo(email))).status).toBe(404);
  });

  test('not to the address of a user who was deactivated or deleted, nor a variant of it', async () => {
    const [gone, deleted] = [await joins(rollcall, owner), await joins(rollcall, owner)];
    await owner.post(`/users/${gone.id}/deactivate`, {});
    await owner.delete(`/users/${deleted.id}`, { mode: 'hard', password: OWNER_PASSWORD });
    for (const email of [gone.email.replace('@', '+1@'), deleted.email]) {
      const refused = await testUser.post('/me/email-change', { email, password: PASSWORD });
      expect(codeOf(refused)).toEqual([409, 'email_taken']);
    }
  });

  test('on a page: opening the link changes nothing, the button does', async () => {
    const email = newAddress();
    await testUser.post('/me/email-change', { email, password: PASSWORD });
    const path = `/confirm-email/${await tokenTo(email)}`;
    const seen = await request(rollcall.server).get(path);
    expect([seen.status, seen.text.includes(`Confirm ${email}`)]).toEqual([200, true]);
    const foreign = await request(rollcall.server).post(path).set('Origin', 'https://elsewhere.example');
    expect(foreign.status).toBe(403);
    const done = await request(rollcall.server).post(path);
    expect([done.status, done.text.includes('Your email address has changed')]).toEqual([200, true]);
  });
});

describe('a link for a new password', () => {
  test('is sent by an administrator', async () => {
    const sent = await admin.post(`/users/${testUser.id}/password-reset`, {});
    expect(sent.status).toBe(202);
    const mail = (await mailsTo(rollcall, testUser.email)).at(-1);
    expect(mail?.text).toContain('/reset-password#reset_');
  });

  test('is not sent to an owner by an admin, to oneself, or to a user who has not accepted yet', async () => {
    expect((await admin.post(`/users/${owner.id}/password-reset`, {})).status).toBe(403);
    const own = await admin.post(`/users/${admin.id}/password-reset`, {});
    expect(codeOf(own)).toEqual([403, 'self_change']);
    const { user } = (await owner.post('/invitations', { email: newAddress() })).body;
    const pending = await admin.post(`/users/${user.id}/password-reset`, {});
    expect(codeOf(pending)).toEqual([422, 'target_inactive']);
  });
});

describe('a manager of all groups of a user', () => {
  const REASON =
    'Only an administrator changes the sign-in address of a user or mails them a link for a new password: ask one.';
  let manager: TestUser;

  beforeAll(async () => {
    manager = await joins(rollcall, owner, { role: 'configure' });
  });
  beforeEach(async () => {
    const group = (await owner.post('/groups', { name: newAddress() })).body.id;
    await owner.post(`/groups/${group}/members`, { userIds: [manager.id], inGroupRole: 'manager' });
    await owner.post(`/groups/${group}/members`, { userIds: [testUser.id] });
  });

  test('neither changes their address nor mails them a link for a new password', async () => {
    for (const [path, body] of [
      ['email-change', { email: newAddress() }],
      ['password-reset', {}],
    ] as const) {
      const refused = await manager.post(`/users/${testUser.id}/${path}`, body);
      expect([refused.status, refused.body.detail]).toEqual([403, REASON]);
    }
    await admin.post(`/users/${testUser.id}/email-change`, { email: newAddress() });
    expect((await manager.delete(`/users/${testUser.id}/email-change`)).status).toBe(403);
    const other = await joins(rollcall, owner);
    expect((await manager.post(`/users/${other.id}/password-reset`, {})).status).toBe(404);
  });

  test('uses up no limit of an administrator with requests that are rejected', async () => {
    const email = newAddress();
    for (let n = 0; n < 12; n++) {
      expect((await manager.post(`/users/${testUser.id}/password-reset`, {})).status).toBe(403);
      expect((await manager.post(`/users/${testUser.id}/email-change`, { email })).status).toBe(403);
    }
    expect((await admin.post(`/users/${testUser.id}/password-reset`, {})).status).toBe(202);
    expect((await admin.post(`/users/${testUser.id}/email-change`, { email })).status).toBe(202);
  });

  test('confirms no address by a link that an administrator requested', async () => {
    const demoted = await joins(rollcall, owner, { role: 'admin' });
    const group = (await owner.post('/groups', { name: newAddress() })).body.id;
    await owner.post(`/groups/${group}/members`, { userIds: [demoted.id], inGroupRole: 'manager' });
    const target = await joins(rollcall, owner);
    await owner.post(`/groups/${group}/members`, { userIds: [target.id] });
    const email = newAddress();
    expect((await demoted.post(`/users/${target.id}/email-change`, { email })).status).toBe(202);
    const token = await tokenTo(email);
    const path = `/users/${demoted.id}`;
    const { impactToken } = (await owner.get(`${path}/role-impact?role=configure`)).body;
    expect((await owner.patch(path, { role: 'configure', impactToken })).status).toBe(200);
    expect(codeOf(await confirm(token))).toEqual([404, 'not_found']);
  });
});

describe('POST /users', () => {
  test('invites, or creates an active user without a mail', async () => {
    const [invited, silent] = [newAddress(), newAddress()];
    const first = await owner.post('/users', { email: invited });
    expect([first.status, first.body.user.status, first.body.invitation.id]).toEqual([
      201,
      'pending',
      first.body.user.invitation.id,
    ]);
    const second = await owner.post('/users', { email: silent, name: 'Ada', role: 'train', invite: false });
    expect([second.status, second.headers['location']]).toEqual([
      201,
      `/api/v1/users/${second.body.user.id}`,
    ]);
    expect(second.body).toMatchObject({
      user: { status: 'active', role: 'train', name: 'Ada', source: 'admin' },
      invitation: null,
    });
    expect(await mailsTo(rollcall, silent)).toEqual([]);
    await owner.post(`/users/${second.body.user.id}/password-reset`, {});
    expect(await mailsTo(rollcall, silent)).toHaveLength(1);
  });

  test('warns of a job function that has no template', async () => {
    const made = await owner.post('/users', { email: newAddress(), jobFunction: 'Astronaut' });
    expect(made.body.warnings).toContain(
      'No template has the job function "Astronaut": it gives no role and no groups.',
    );
  });

  test('keeps to the limits of the caller', async () => {
    const manager = await joins(rollcall, owner, { role: 'configure' });
    const refused = await manager.post('/users', { email: newAddress(), role: 'admin', invite: false });
    expect(refused.status).toBe(403);
    const { token } = (await owner.post('/me/api-keys', { name: 'x', scopes: ['users:manage'] })).body;
    const byKey = await withKey(rollcall.server, token).post('/users', { email: newAddress() });
    expect(byKey.status).toBe(403);
  });
});
