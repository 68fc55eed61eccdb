import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { connectSaml, SECRET_KEY, type TestProvider } from '../support/sso.ts';

let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let admin: TestUser;
let provider: TestProvider;

beforeAll(async () => {
  rollcall = await startRollcall({ secretKey: SECRET_KEY });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  admin = await joins(rollcall, owner, { role: 'admin' });
  provider = await connectSaml(rollcall, organization);
});
afterAll(() => rollcall.close());

const someone = async () => (await joins(rollcall, owner)).id;
const link = (by: TestUser, user: string, subject: string, connectionId = provider.connection) =>
  by.post(`/users/${user}/identities`, { connectionId, subject });
const says = (nameId: string) => ({ nameId, attributes: [['email', ['x@elsewhere.example']]] as const });
const events = async (user: string) =>
  (
    await rollcall.rollcall.db.search<{ action: string; changes: unknown }>(
      `select action, changes from events where $1::uuid in (target_id, member_id) and action like 'identity.%' order by id`,
      [user],
    )
  ).map(({ action }) => action);

describe('an identity', () => {
  test('is linked by an administrator, and lets exactly that subject in', async () => {
    const user = await someone();
    const refused = await provider.signIn(createBrowser(), says('00u-linked'));
    expect(refused.status).toBe(403);
    const { status, body } = await link(owner, user, '00u-linked');
    expect(status).toBe(201);
    expect(body.data).toEqual([
      {
        connectionId: provider.connection,
        connectionName: 'Acme Okta',
        protocol: 'saml',
        subject: '00u-linked',
        linkedBy: 'admin',
        linkedAt: expect.any(String),
        lastUsedAt: null,
      },
    ]);
    const page = await provider.signIn(createBrowser(), says('00u-linked'));
    expect(page.text).toContain('Sign out');
    const [identity] = (await owner.get(`/users/${user}/identities`)).body.data;
    expect(identity.lastUsedAt).not.toBeNull();
    expect((await provider.signIn(createBrowser(), says('00U-LINKED'))).status).toBe(403);
    expect(await events(user)).toEqual(['identity.linked']);
  });

  test('that is removed lets no user in any more, and ends what it began', async () => {
    const user = await someone();
    await link(owner, user, '00u-removed');
    const browser = createBrowser();
    await provider.signIn(browser, says('00u-removed'));
    expect((await owner.delete(`/users/${user}/identities/${provider.connection}`)).status).toBe(204);
    expect((await browser.get(`${provider.publicUrl}/`)).url.pathname).toBe('/sign-in');
    expect((await provider.signIn(createBrowser(), says('00u-removed'))).status).toBe(403);
    expect((await owner.get(`/users/${user}/identities`)).body.data).toEqual([]);
    expect((await owner.delete(`/users/${user}/identities/${provider.connection}`)).status).toBe(404);
    expect(await events(user)).toEqual(['identity.linked', 'identity.unlinked']);
  });

  test("is one user's, and a user has one at a connection", async () => {
    const [user, other] = [await someone(), await someone()];
    await link(owner, user, '00u-one');
    for (const answer of [await link(owner, other, '00u-one'), await link(owner, user, '00u-two')]) {
      expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([
        409,
        'identity_taken',
        'subject',
      ]);
    }
  });

  test('linked to two users concurrently belongs to one', async () => {
    const users = [await someone(), await someone(), await someone()];
    const answers = await Promise.all(users.map((user) => link(owner, user, '00u-raced')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  test('is compared without regard to case if it is an address', async () => {
    const nameIdFormat = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
    const byMail = await connectSaml(rollcall, organization, { settings: { nameIdFormat } });
    const { body } = await link(owner, await someone(), 'Jane@Acme.example', byMail.connection);
    expect(body.data[0].subject).toBe('jane@acme.example');
  });

  describe('that a provider marks as an address, whatever format was requested', () => {
    let entra: TestProvider;
    beforeAll(async () => {
      entra = await connectSaml(rollcall, organization, { provider: 'Microsoft Entra ID' });
    });
    const subjects = async (user: string) =>
      (await owner.get(`/users/${user}/identities`)).body.data.map(
        ({ subject }: { subject: string }) => subject,
      );

    test('is found as it was linked, and from then on without regard to case', async () => {
      const user = await someone();
      await link(owner, user, 'Jane@Acme.example', entra.connection);
      expect((await entra.signIn(createBrowser(), says('Jane@Acme.example'))).text).toContain('Sign out');
      expect(await subjects(user)).toEqual(['jane@acme.example']);
      expect((await entra.signIn(createBrowser(), says('JANE@acme.example'))).text).toContain('Sign out');
    });

    test('is found in another case by the address of the user', async () => {
      const { id, email } = await joins(rollcall, owner);
      await link(owner, id, email.toUpperCase(), entra.connection);
      const page = await entra.signIn(createBrowser(), { nameId: email, attributes: [['email', [email]]] });
      expect([page.text, await subjects(id)]).toEqual([expect.stringContaining('Sign out'), [email]]);
    });

    test('stays whose it was, if another case of it is linked to another user', async () => {
      const [first, second] = [await someone(), await someone()];
      await link(owner, first, 'ann@acme.example', entra.connection);
      await link(owner, second, 'ANN@acme.example', entra.connection);
      expect((await entra.signIn(createBrowser(), says('ANN@acme.example'))).text).toContain('Sign out');
      const used = await Promise.all(
        [first, second].map(
          async (user) => (await owner.get(`/users/${user}/identities`)).body.data[0].lastUsedAt,
        ),
      );
      expect(used).toEqual([expect.any(String), null]);
    });
  });

  test.each([
    ['nothing', ''],
    ['too much', 'x'.repeat(257)],
    ['what cannot be seen', 'a\u0007b'],
  ])('is rejected with %s', async (_, subject) => {
    const { status, body } = await link(owner, await someone(), subject);
    expect([status, body.code]).toEqual([422, 'validation_failed']);
  });

  test('of a connection of another organization is not found', async () => {
    const other = await connectSaml(rollcall, await rollcall.organization());
    const { status, body } = await link(owner, await someone(), '00u', other.connection);
    expect([status, body.code]).toEqual([404, 'not_found']);
  });
});

describe('guard rules 1 to 3', () => {
  test('an administrator cannot link their own account', async () => {
    for (const who of [owner, admin]) {
      const { status, body } = await link(who, who.id, `00u-${who.id}`);
      expect([status, body.code]).toEqual([403, 'self_change']);
    }
  });

  test('an admin does not link an owner’s, or take the link away', async () => {
    const { status, body } = await link(admin, owner.id, '00u-owner');
    expect([status, body.code]).toEqual([403, 'forbidden']);
    const removal = await admin.delete(`/users/${owner.id}/identities/${provider.connection}`);
    expect(removal.status).toBe(403);
    expect((await owner.get(`/users/${owner.id}/identities`)).body.data).toEqual([]);
  });
});
