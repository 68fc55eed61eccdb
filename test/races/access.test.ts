import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  anonymous,
  joins,
  mailedToken,
  PASSWORD,
  signInAsOwner,
  type TestUser,
  withKey,
} from '../support/admin.ts';
import { hold } from '../support/locks.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

/**
 * A directory takes no lock of the organization: its deactivation has its time before it waits for the row of a user, who
 * goes on working meanwhile. What the user makes then has a later time.
 */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;

beforeAll(async () => {
  rollcall = await startRollcall();
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

/** An administrator with a password whom the directory provisions. */
async function administrator(): Promise<TestUser> {
  const user = await joins(rollcall, owner, { role: 'admin' });
  const userName = user.email;
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
  await organization.scim('POST', '/Users', { schemas, userName }).expect(201);
  return user;
}
const setActive = (id: string, value: boolean) =>
  organization.scim('PATCH', `/Users/${id}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'active', value }],
  });

/** Does something while the user's deactivation waits for the row. */
async function whileDeactivating<Result>(
  user: TestUser,
  act: () => PromiseLike<Result>,
): Promise<Awaited<Result>> {
  const row = await hold(
    rollcall.databaseUrl,
    'select from users where org_id = $1 and id = $2 for no key update',
    [organization.org, user.id],
  );
  const deactivated = setActive(user.id, false).then((answer) => answer.status);
  await row.waitForWaiting(1);
  const result = await act();
  await row.release();
  expect(await deactivated).toBe(200);
  return result;
}

describe('what a user makes while their deactivation waits', () => {
  test('an API key does not work, also after the activation, until an administrator lets it', async () => {
    const user = await administrator();
    const made = await whileDeactivating(user, () =>
      user.post('/me/api-keys', { name: 'Script', scopes: ['users:read'] }).expect(201),
    );
    const key = withKey(rollcall.server, made.body.token);
    expect((await key.get('/users')).status).toBe(401);
    await setActive(user.id, true).expect(200);
    expect((await key.get('/users')).status).toBe(401);
    expect((await owner.post(`/users/${user.id}/api-keys/enable`)).body).toEqual({ keys: 1 });
    expect((await key.get('/users')).status).toBe(200);
  });

  test('an API key is enabled by an activation that enables what the deactivation stopped', async () => {
    const user = await joins(rollcall, owner, { role: 'configure' });
    const made = await user.post('/me/api-keys', { name: 'Script', scopes: ['users:read'] }).expect(201);
    await owner.post(`/users/${user.id}/deactivate`, {}).expect(200);
    await owner.post(`/users/${user.id}/activate`, { reenableApiKeys: true }).expect(200);
    expect((await withKey(rollcall.server, made.body.token).get('/users')).status).toBe(200);
  });

  test('a set-up link does not work, also after the activation', async () => {
    const user = await administrator();
    const path = `/scim/connections/${organization.connection}/set-up-links`;
    const made = await whileDeactivating(user, () =>
      user.post(path, { label: 'Jane at Acme IT', password: PASSWORD }).expect(201),
    );
    const holder = withKey(rollcall.server, new URL(made.body.url).hash.slice(1));
    expect((await holder.get('/set-up-link')).status).toBe(401);
    await setActive(user.id, true).expect(200);
    expect((await holder.get('/set-up-link')).status).toBe(401);
  });

  test('the link to an export does not work, also after the activation', async () => {
    const user = await administrator();
    const { body } = await user.post(`/users/${owner.id}/export`, { password: PASSWORD }).expect(202);
    await rollcall.rollcall.runDueJobsOnce();
    const made = await whileDeactivating(user, () => user.get(`/exports/${body.id}`).expect(200));
    const { pathname } = new URL(made.body.downloadUrl);
    expect((await request(rollcall.server).get(pathname)).status).toBe(404);
    await setActive(user.id, true).expect(200);
    expect((await request(rollcall.server).get(pathname)).status).toBe(404);
  });

  test('a mailed link for a new password sets none after the activation', async () => {
    const user = await administrator();
    await whileDeactivating(user, () =>
      anonymous(rollcall.server).post('/auth/password-reset', { email: user.email }).expect(202),
    );
    await setActive(user.id, true).expect(200);
    const token = await mailedToken(rollcall, user.email, /#(reset_[\w-]+)/);
    const set = await anonymous(rollcall.server).post('/auth/password-reset/confirm', {
      token,
      password: 'a new one, 12 long',
    });
    expect(set.body.code).toBe('reset_expired');
  });

  test('the key of a service account for which they answer stops with them', async () => {
    const user = await administrator();
    const { id } = (await user.post('/service-accounts', { name: 'Nightly', role: 'configure' }).expect(201))
      .body;
    const made = await whileDeactivating(user, () =>
      user.post(`/service-accounts/${id}/api-keys`, { name: 'Script', scopes: ['users:read'] }).expect(201),
    );
    expect((await withKey(rollcall.server, made.body.token).get('/users')).status).toBe(401);
  });
});

test('R80: disabling the API keys of a user stops no set-up link, download or mailed link; a deactivation stops all', async () => {
  const user = await administrator();
  const key = (await user.post('/me/api-keys', { name: 'Script', scopes: ['users:read'] })).body.token;
  const path = `/scim/connections/${organization.connection}/set-up-links`;
  const link = await user.post(path, { label: 'Jane at Acme IT', password: PASSWORD }).expect(201);
  const holder = withKey(rollcall.server, new URL(link.body.url).hash.slice(1));
  const begun = await user.post(`/users/${owner.id}/export`, { password: PASSWORD }).expect(202);
  await rollcall.rollcall.runDueJobsOnce();
  const { downloadUrl } = (await user.get(`/exports/${begun.body.id}`)).body;
  const works = async () => [
    (await withKey(rollcall.server, key).get('/users')).status,
    (await holder.get('/set-up-link')).status,
    (await request(rollcall.server).get(new URL(downloadUrl).pathname)).status,
  ];
  expect(await works()).toEqual([200, 200, 200]);
  expect((await owner.post(`/users/${user.id}/api-keys/disable`)).body).toEqual({ keys: 1 });
  expect(await works()).toEqual([401, 200, 200]);
  await setActive(user.id, false).expect(200);
  await setActive(user.id, true).expect(200);
  expect(await works()).toEqual([401, 401, 404]);
});
