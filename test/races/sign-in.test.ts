import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { uuidv7 } from '../../src/platform/ids.ts';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { type Holder, hold } from '../support/locks.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY, type TestProvider } from '../support/sso.ts';

/** First sign-ins of a person, at once and beside the directory that provisions them through the same connection. */
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let provider: TestProvider;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  provider = await connectSaml(rollcall, organization, {
    connection: organization.connection,
    domains: ['acme.example'],
    provisioning: { enabled: true, whenScim: 'go_on' },
  });
});
afterAll(() => rollcall.close());

let number = 0;
const address = () => `jane-${++number}@acme.example`;
const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
const provision = (email: string) =>
  organization.scim('POST', '/Users', {
    schemas,
    userName: email,
    emails: [{ value: email, primary: true }],
    active: true,
  });
/** @returns whether the browser is signed in */
async function signIn(email: string): Promise<boolean> {
  const browser = createBrowser();
  await provider.signIn(browser, { nameId: email, attributes: [['email', [email]]] });
  return (await browser.get(`${provider.publicUrl}/`)).text.includes('Sign out');
}
const usersOf = (email: string) =>
  rollcall.rollcall.db.search<{ id: string; identities: number; links: number; keys: number }>(
    `select u.id, (select count(*) from identities i where i.org_id = u.org_id and i.user_id = u.id) as identities,
      (select count(*) from user_links l where l.org_id = u.org_id and l.user_id = u.id) as links,
      (select count(*) from user_email_keys k where k.org_id = u.org_id and k.user_id = u.id) as keys
      from users u where u.org_id = $1 and u.email_key = $2`,
    [organization.org, email],
  );
const holdSql = (sql: string, ...values: unknown[]): Promise<Holder> =>
  hold(rollcall.databaseUrl, sql, [organization.org, ...values]);

test('two first sign-ins of one person at once both succeed, and create one user', async () => {
  for (let round = 0; round < 4; round += 1) {
    const email = address();
    expect(await Promise.all([signIn(email), signIn(email)])).toEqual([true, true]);
    expect(await usersOf(email)).toMatchObject([{ identities: 1, links: 0, keys: 1 }]);
  }
});

test('a first sign-in beside the directory’s creation of the same person succeeds with it, and both mean one user', async () => {
  for (let round = 0; round < 8; round += 1) {
    const email = address();
    const [isIn, created] = await Promise.all([signIn(email), provision(email)]);
    expect([isIn, created.status]).toEqual([true, 201]);
    expect(await usersOf(email)).toMatchObject([{ identities: 1, links: 1, keys: 1 }]);
  }
});

test('a first sign-in that waits for the directory’s creation of the same person recognises whom it created', async () => {
  const [email, id] = [address(), uuidv7()];
  const creating = await holdSql(
    `with u as (
        insert into users (org_id, id, user_name, user_name_key, email, email_key, status, role, source, created_at, updated_at, profile)
        values ($1, $2, $3, $3, $3, $3, 'active', 'readonly', 'scim', now(), now(), '{}') returning org_id, id
      ), k as (insert into user_email_keys (org_id, email_key, user_id) select org_id, $3, id from u)
      insert into user_links (org_id, user_id, connection_id) select org_id, id, $4 from u`,
    id,
    email,
    organization.connection,
  );
  const isIn = signIn(email);
  await creating.waitForWaiting(1);
  await creating.release();
  expect(await isIn).toBe(true);
  expect(await usersOf(email)).toMatchObject([{ id, identities: 1, links: 1 }]);
});

test('a first sign-in that accepts an invitation succeeds though a directory changes the user at that moment', async () => {
  const email = address();
  const { user } = (await owner.post('/invitations', { email }).expect(201)).body;
  const changing = await holdSql(
    'update users set version = version + 1 where org_id = $1 and id = $2',
    user.id,
  );
  const isIn = signIn(email);
  await changing.waitForWaiting(1);
  await changing.release();
  expect(await isIn).toBe(true);
  expect((await owner.get(`/users/${user.id}`)).body.status).toBe('active');
});

test('a sign-in beside the deactivation of its user begins no session that works afterwards', async () => {
  for (let round = 0; round < 4; round += 1) {
    const email = address();
    const { id } = (await provision(email)).body as { id: string };
    const browser = createBrowser();
    const patch = (value: boolean) =>
      organization.scim('PATCH', `/Users/${id}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'active', value }],
      });
    await Promise.all([
      provider.signIn(browser, { nameId: email, attributes: [['email', [email]]] }),
      patch(false).expect(200),
    ]);
    const isIn = async () => (await browser.get(`${provider.publicUrl}/`)).text.includes('Sign out');
    expect(await isIn()).toBe(false);
    await patch(true).expect(200);
    expect(await isIn()).toBe(false);
  }
});
