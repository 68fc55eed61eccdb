import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TOTP } from 'otpauth';
import { joins, mailsTo, PASSWORD, signIn, signInAsOwner, type TestUser, withKey } from '../support/admin.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

const MINUTE = 60_000;
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let shift = -7 * 24 * 60 * MINUTE;
const clock = () => Date.now() + shift;

beforeAll(async () => {
  rollcall = await startRollcall({ now: () => new Date(clock()) });
  organization = await rollcall.organization({ name: 'Acme' });
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const sessionsOf = async (user: TestUser) =>
  (await user.get('/me/sessions')).body.data as { id: string; current: boolean }[];
const setSettings = (settings: object) =>
  rollcall.rollcall.db.search('update organizations set settings = $2::jsonb where id = $1', [
    organization.org,
    JSON.stringify(settings),
  ]);

/** Adds an authenticator app, as a user would. */
async function enrol(user: TestUser) {
  const { secret, uri } = (await user.post('/me/totp', { password: PASSWORD })).body;
  const app = new TOTP({ secret, period: 30 });
  const code = () => app.generate({ timestamp: clock() });
  const used = code();
  const confirmed = await user.post('/me/totp/confirm', { code: used });
  expect(confirmed.status).toBe(200);
  return { uri, code, used, recoveryCodes: confirmed.body.recoveryCodes as string[] };
}

describe('GET /me', () => {
  test('returns the user, the organization, the CSRF token and a summary of permissions', async () => {
    const user = await joins(rollcall, owner, { name: 'Jane Doe' });
    const { body } = await user.get('/me');
    expect(body).toMatchObject({
      user: { id: user.id, name: 'Jane Doe', effectiveRole: 'readonly' },
      organization: { id: organization.org, name: 'Acme' },
      hasPassword: true,
      secondFactor: false,
    });
    expect(body.csrfToken).toMatch(/^[\w-]{43}$/);
    expect(body.permissions).toContainEqual({ key: 'users:read', scope: 'self' });
  });

  test('a key has no token for changes, and changes nothing about its owner', async () => {
    const { token } = (await owner.post('/me/api-keys', { name: 'x', scopes: ['users:manage'] })).body;
    const as = withKey(rollcall.server, token);
    expect((await as.get('/me')).body).toMatchObject({ csrfToken: null, user: { id: owner.id } });
    expect((await as.patch('/me', { name: 'Someone' })).status).toBe(403);
    expect((await as.get('/me/sessions')).status).toBe(403);
    expect((await as.post('/me/totp', { password: 'x' })).status).toBe(403);
  });
});

describe('name and password', () => {
  test('R71: one may change what one is called', async () => {
    const user = await joins(rollcall, owner);
    const changed = await user.patch('/me', { name: '  New Name ' });
    expect([changed.status, changed.body.name]).toEqual([200, 'New Name']);
    const stored = async () => {
      const { body } = await organization.scim('GET', `/Users/${user.id}`);
      const { displayName, name } = body as { displayName?: string; name?: object };
      return { displayName, name };
    };
    await user.patch('/me', { name: 'Ada King Lovelace' });
    expect(await stored()).toEqual({
      displayName: 'Ada King Lovelace',
      name: { formatted: 'Ada King Lovelace', givenName: 'Ada King', familyName: 'Lovelace' },
    });
    await user.patch('/me', { name: 'Ada' });
    expect(await stored()).toEqual({ displayName: 'Ada', name: { formatted: 'Ada', givenName: 'Ada' } });
    expect((await user.patch('/me', { name: null })).body.name).toBeNull();
    expect(await stored()).toEqual({ displayName: undefined, name: undefined });
    expect((await user.patch('/me', { role: 'admin' })).status).toBe(422);
  });

  test('the name of a provisioned user is changed by the directory only', async () => {
    const user = await joins(rollcall, owner, { name: 'Jane Doe' });
    const adopted = await organization.scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: user.email,
      displayName: 'Jane Doe',
      emails: [{ value: user.email, primary: true }],
    });
    expect(adopted.body.id).toBe(user.id);
    const refused = await user.patch('/me', { name: 'Another' });
    expect([refused.status, refused.body.code]).toEqual([409, 'managed_by_directory']);
  });

  test('a new password needs the present one, and ends the other sessions', async () => {
    const user = await joins(rollcall, owner);
    const elsewhere = await signIn(rollcall.server, user.email, PASSWORD);
    const change = (currentPassword: string, newPassword: string) =>
      user.post('/me/password', { currentPassword, newPassword });
    expect((await change('wrong', 'another one 42 ways')).body.code).toBe('password_invalid');
    expect((await change(PASSWORD, 'short')).body.code).toBe('weak_password');
    expect((await change(PASSWORD, 'another one 42 ways')).status).toBe(204);
    expect((await elsewhere.get('/me')).status).toBe(401);
    expect((await user.get('/me')).status).toBe(200);
    await expect(signIn(rollcall.server, user.email, PASSWORD)).rejects.toThrow('401');
    await signIn(rollcall.server, user.email, 'another one 42 ways');
  });
});

describe('sessions', () => {
  test('one sees where one is signed in, ends one, ends all others', async () => {
    const user = await joins(rollcall, owner);
    const [second, third] = [
      await signIn(rollcall.server, user.email, PASSWORD),
      await signIn(rollcall.server, user.email, PASSWORD),
    ];
    const listed = await sessionsOf(second);
    expect(listed).toHaveLength(3);
    expect(listed.filter(({ current }) => current)).toHaveLength(1);
    const own = (await sessionsOf(third)).find(({ current }) => current)?.id as string;
    expect((await second.delete(`/me/sessions/${own}`)).status).toBe(204);
    expect((await third.get('/me')).status).toBe(401);
    expect((await second.delete(`/me/sessions/${own}`)).status).toBe(404);
    expect((await second.delete('/me/sessions')).status).toBe(204);
    expect((await user.get('/me')).status).toBe(401);
    expect(await sessionsOf(second)).toHaveLength(1);
  });

  test('ending the session that asks takes its cookie away', async () => {
    const user = await joins(rollcall, owner);
    const [only] = await sessionsOf(user);
    const ended = await user.delete(`/me/sessions/${only?.id}`);
    expect(ended.headers['set-cookie']?.[0]).toContain('Max-Age=0');
    expect((await user.get('/me')).status).toBe(401);
  });

  test('a user cannot end another user’s session by its id', async () => {
    const [first, second] = [await joins(rollcall, owner), await joins(rollcall, owner)];
    const [theirs] = await sessionsOf(second);
    expect((await first.delete(`/me/sessions/${theirs?.id}`)).status).toBe(404);
    expect((await owner.delete(`/users/${first.id}/sessions/${theirs?.id}`)).status).toBe(404);
    expect((await second.get('/me')).status).toBe(200);
  });

  test('an administrator ends one or all sessions of a user, a manager only those of users whose groups they all manage', async () => {
    const [group, other] = [
      (await owner.post('/groups', { name: 'Sessions one' })).body.id,
      (await owner.post('/groups', { name: 'Sessions two' })).body.id,
    ];
    const manager = await joins(rollcall, owner, { role: 'configure' });
    await owner.post(`/groups/${group}/members`, { userIds: [manager.id], inGroupRole: 'manager' });
    const wholly = await joins(rollcall, owner, { groups: [group] });
    const partly = await joins(rollcall, owner, { groups: [group, other] });
    expect((await manager.delete(`/users/${partly.id}/sessions`)).status).toBe(403);
    expect((await manager.delete(`/users/${wholly.id}/sessions`)).status).toBe(204);
    expect((await wholly.get('/me')).status).toBe(401);
    const [session] = await sessionsOf(partly);
    expect((await owner.delete(`/users/${partly.id}/sessions/${session?.id}`)).status).toBe(204);
    expect((await partly.get('/me')).status).toBe(401);
    const admin = await joins(rollcall, owner, { role: 'admin' });
    expect((await admin.delete(`/users/${owner.id}/sessions`)).status).toBe(403);
  });
});

describe('the second factor', () => {
  test('needs the password, and takes effect with a first code of the app', async () => {
    const user = await joins(rollcall, owner);
    expect((await user.post('/me/totp', {})).body.code).toBe('step_up_required');
    expect((await user.post('/me/totp', { password: 'wrong' })).body.code).toBe('password_invalid');
    expect((await user.post('/me/totp/confirm', { code: '123456' })).body.code).toBe('not_enrolled');
    const begun = await user.post('/me/totp', { password: PASSWORD });
    expect(begun.body.uri).toContain(`otpauth://totp/Acme:${encodeURIComponent(user.email)}`);
    const wrong = await user.post('/me/totp/confirm', { code: 'abcdef' });
    expect([wrong.status, wrong.body.code]).toEqual([422, 'code_invalid']);
    // Not confirmed, it asks no one for a code.
    await signIn(rollcall.server, user.email, PASSWORD);
    const { recoveryCodes } = await enrol(user);
    expect(new Set(recoveryCodes).size).toBe(10);
    expect((await user.get('/me')).body.secondFactor).toBe(true);
    expect((await user.post('/me/totp', { password: PASSWORD })).body.code).toBe('already_enrolled');
    await expect(signIn(rollcall.server, user.email, PASSWORD)).rejects.toThrow('second_factor_required');
    expect((await mailsTo(rollcall, user.email)).at(-1)?.text).toContain('asks for a code now');
  });

  test('a code works once: neither the one that confirmed nor one that signed in works again', async () => {
    const user = await joins(rollcall, owner);
    const { code, used } = await enrol(user);
    await expect(signIn(rollcall.server, user.email, PASSWORD, used)).rejects.toThrow('401');
    shift += MINUTE;
    const next = code();
    const answers = await Promise.allSettled([
      signIn(rollcall.server, user.email, PASSWORD, next),
      signIn(rollcall.server, user.email, PASSWORD, next),
    ]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(signIn(rollcall.server, user.email, PASSWORD, next)).rejects.toThrow('401');
  });

  test('a recovery code works once, and is kept as a hash', async () => {
    const user = await joins(rollcall, owner);
    const { recoveryCodes } = await enrol(user);
    const [first = '', second = ''] = recoveryCodes;
    await signIn(rollcall.server, user.email, PASSWORD, first);
    await expect(signIn(rollcall.server, user.email, PASSWORD, first)).rejects.toThrow('401');
    await signIn(rollcall.server, user.email, PASSWORD, second.toUpperCase());
    const [row] = await rollcall.rollcall.db.search<{ whole: string; left: number }>(
      'select t::text as whole, cardinality(recovery_hashes) as left from user_totp t where user_id = $1',
      [user.id],
    );
    expect(row?.left).toBe(8);
    expect(row?.whole).not.toContain(recoveryCodes[2]);
  });

  test('R141: a wrong code is a failed attempt toward the lock', async () => {
    const user = await joins(rollcall, owner);
    const { code } = await enrol(user);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(signIn(rollcall.server, user.email, PASSWORD, '000000')).rejects.toThrow('401');
    }
    const { failedLogins, lockedAt, mfa } = (await owner.get(`/users/${user.id}/security`)).body;
    expect([failedLogins, lockedAt === null, mfa]).toEqual([5, false, true]);
    shift += MINUTE;
    await expect(signIn(rollcall.server, user.email, PASSWORD, code())).rejects.toThrow('401');
  });

  test('goes with the password, and then the password is enough', async () => {
    const user = await joins(rollcall, owner);
    await enrol(user);
    expect((await user.delete('/me/totp', {})).body.code).toBe('step_up_required');
    expect((await user.delete('/me/totp', { password: PASSWORD })).status).toBe(204);
    expect((await user.delete('/me/totp', { password: PASSWORD })).body.code).toBe('not_enrolled');
    await signIn(rollcall.server, user.email, PASSWORD);
  });
});

describe('the Security tab', () => {
  test('R140: shows failed logins, the lock, sessions and keys', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    await user.post('/me/api-keys', { name: 'x', scopes: ['users:read'] });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(signIn(rollcall.server, user.email, 'wrong')).rejects.toThrow('401');
    }
    const { body } = await owner.get(`/users/${user.id}/security`);
    expect(body).toMatchObject({ failedLogins: 3, lockedAt: null, mfa: false, apiKeys: 1 });
    expect(body.sessions).toMatchObject([{ method: 'invitation', current: false }]);
    expect((await user.get(`/users/${user.id}/security`)).body.sessions[0].current).toBe(true);
  });

  test('R141: after an unlock by the clock, five more failures lock again, and not fewer', async () => {
    await setSettings({ autoUnlockMinutes: 15 });
    const user = await joins(rollcall, owner);
    const failTimes = async (times: number) => {
      for (let attempt = 0; attempt < times; attempt += 1) {
        await expect(signIn(rollcall.server, user.email, 'wrong')).rejects.toThrow('401');
      }
    };
    const locked = async () => (await owner.get(`/users/${user.id}/security`)).body.lockedAt !== null;
    await failTimes(5);
    expect(await locked()).toBe(true);
    const found = async () => (await owner.get(`/users?locked=true&q=${user.email}`)).body.data.length;
    expect([await found(), (await owner.get(`/users/${user.id}`)).body.locked]).toEqual([1, true]);
    shift += 16 * MINUTE;
    expect(await locked()).toBe(false);
    expect([await found(), (await owner.get(`/users/${user.id}`)).body.locked]).toEqual([0, false]);
    await failTimes(4);
    expect((await owner.get(`/users/${user.id}/security`)).body.failedLogins).toBe(4);
    expect(await locked()).toBe(false);
    await failTimes(1);
    expect(await locked()).toBe(true);
    await expect(signIn(rollcall.server, user.email, PASSWORD)).rejects.toThrow('401');
    shift += 16 * MINUTE;
    await signIn(rollcall.server, user.email, PASSWORD);
    await setSettings({});
  });

  test('R61: of others only with users:read, and their sessions only with users:manage', async () => {
    const [first, second] = [await joins(rollcall, owner), await joins(rollcall, owner)];
    expect((await first.get(`/users/${second.id}/security`)).status).toBe(404);
    const { token } = (await owner.post('/me/api-keys', { name: 'x', scopes: ['users:read'] })).body;
    const reader = withKey(rollcall.server, token);
    expect((await reader.get(`/users/${second.id}/security`)).body.sessions).toBeNull();
  });
});
