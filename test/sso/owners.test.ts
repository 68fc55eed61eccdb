import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, mailsTo, signInAsOwner, type TestUser } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import {
  type Json,
  OWNER_PASSWORD,
  startRollcall,
  type TestOrganization,
  type TestRollcall,
} from '../support/rollcall.ts';
import { makeParty } from '../support/saml/party.ts';
import { connectSaml, SECRET_KEY, type TestProvider } from '../support/sso.ts';

/** Administrators of SCIM and single sign-on cannot act on owners (docs/roles.md §1), not even indirectly. */
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
  provider = await connectSaml(rollcall, organization, {
    connection: organization.connection,
    domains: [organization.ownerEmail.split('@')[1] as string],
    provisioning: { enabled: true, whenScim: 'go_on' },
  });
});
afterAll(() => rollcall.close());

const patch = (id: string, path: string, value: unknown) =>
  organization.scim('PATCH', `/Users/${id}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path, value }],
  });
const stored = async (id: string) => (await organization.scim('GET', `/Users/${id}`)).body as Json;

describe('over SCIM', () => {
  test.each([
    ['userName', 'thief@evil.example'],
    ['emails', [{ value: 'thief@evil.example', type: 'work', primary: true }]],
    ['emails[type eq "work"].value', 'thief@evil.example'],
  ])('%s of an owner stays: a new password would be mailed there', async (path, value) => {
    const before = await stored(owner.id);
    const { status, body } = await patch(owner.id, path, value);
    expect([status, body]).toEqual([
      403,
      expect.objectContaining({ detail: expect.stringContaining('an owner of the organization') }),
    ]);
    expect(await stored(owner.id)).toEqual(before);
  });

  test('a PUT that moves an owner is rejected, and one that does not is accepted', async () => {
    const { userName } = await stored(owner.id);
    const whole = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], displayName: 'Olive Owner' };
    await organization
      .scim('PUT', `/Users/${owner.id}`, { ...whole, userName: 'thief@evil.example' })
      .expect(403);
    const { body } = await organization.scim('PUT', `/Users/${owner.id}`, { ...whole, userName }).expect(200);
    expect(body).toMatchObject({ displayName: 'Olive Owner', userName });
  });

  test('an administrator who is no owner moves', async () => {
    const { id } = await joins(rollcall, owner, { role: 'admin' });
    await patch(id, 'userName', 'moved@example.com').expect(200);
  });
});

describe('through single sign-on', () => {
  const reason = async () => {
    const [row] = await rollcall.rollcall.db.search<{ reason: string }>(
      'select reason from sso_traces where connection_id = $1 order by id desc limit 1',
      [provider.connection],
    );
    return row?.reason;
  };

  test('an externalId written with a token does not sign in as an owner: the owner has to confirm', async () => {
    const { userName } = await stored(owner.id);
    await patch(owner.id, 'externalId', 'of-a-thief').expect(200);
    const thief = { nameId: 'of-a-thief', attributes: [['email', ['thief@evil.example']]] } as const;
    const page = await provider.signIn(createBrowser(), thief);
    expect([page.status, await reason()]).toEqual([200, 'link_unconfirmed']);
    expect(page.text).not.toContain('Sign out');
    const [mail] = await mailsTo(rollcall, userName as string);
    expect(mail?.subject).toBeDefined();
  });

  test('the address of a provisioned owner does not sign in as them', async () => {
    const { userName } = await stored(owner.id);
    const page = await provider.signIn(createBrowser(), {
      nameId: 'another-thief',
      attributes: [['email', [userName as string]]],
    });
    expect(page.text).not.toContain('Sign out');
    expect(await reason()).toBe('link_unconfirmed');
  });

  test('a signed-in owner whose browser is sent through another provider has to confirm', async () => {
    const browser = createBrowser();
    const form = await browser.get(`${provider.publicUrl}/sign-in?with=password`);
    await browser.submit(form, { email: organization.ownerEmail, password: OWNER_PASSWORD });
    const { userName } = await stored(owner.id);
    await provider.signIn(browser, { nameId: 'led', attributes: [['email', [userName as string]]] });
    expect(await reason()).toBe('link_unconfirmed');
    const thief = createBrowser();
    await provider.signIn(thief, { nameId: 'led', attributes: [['email', ['thief@evil.example']]] });
    expect((await thief.get(`${provider.publicUrl}/`)).text).not.toContain(userName as string);
  });

  test('only an owner changes the trust of a connection that assigns admin, where only owners grant admin', async () => {
    const makes = await connectSaml(rollcall, organization, {
      provisioning: { enabled: true, roleMapping: [{ group: 'Admins', role: 'admin' }] },
    });
    const at = `/sso/connections/${makes.connection}/certificates`;
    const adds = async (by: TestUser) => by.post(at, { certificate: (await makeParty()).certificatePem });
    expect((await adds(admin)).status).toBe(201);
    expect((await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: true } })).status).toBe(200);
    const { status, body } = await adds(admin);
    expect([status, body.code]).toEqual([403, 'owner_only']);
    expect((await adds(owner)).status).toBe(201);
    await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: false } });
  });

  test('a provider whose groups decide on roles gives an owner none, and takes none away', async () => {
    const mapped = await connectSaml(rollcall, organization, {
      provisioning: {
        enabled: true,
        groupAttribute: 'groups',
        roleSource: 'idp_groups',
        roleMapping: [{ group: 'Staff', role: 'readonly' }],
      },
    });
    const [second, third] = [
      await joins(rollcall, owner, { role: 'admin' }),
      await joins(rollcall, owner, { role: 'admin' }),
    ];
    expect((await owner.put(`/users/${second.id}/owner`, { password: OWNER_PASSWORD })).status).toBe(204);
    for (const { id } of [second, third]) {
      const identity = { connectionId: mapped.connection, subject: `mapped-${id}` };
      expect((await owner.post(`/users/${id}/identities`, identity)).status).toBe(201);
      const browser = createBrowser();
      await mapped.signIn(browser, { nameId: `mapped-${id}`, attributes: [['groups', ['Staff']]] });
    }
    // The role of the other user was synced: both had signed in.
    expect((await owner.get(`/users/${third.id}`)).body).toMatchObject({ role: 'readonly' });
    expect((await owner.get(`/users/${second.id}`)).body).toMatchObject({ role: 'admin', owner: true });
  });

  test('only an owner changes the trust of a connection through which an owner signs in', async () => {
    const at = `/sso/connections/${provider.connection}`;
    const { certificatePem } = await makeParty();
    const { body: before } = await owner.get(at);
    expect((await admin.post(`${at}/certificates`, { certificate: certificatePem })).status).toBe(201);
    const { body: connection } = await owner.get(at);
    const fingerprints = ({ certificates }: { certificates: { fingerprint: string }[] }) =>
      certificates.map(({ fingerprint }) => fingerprint);
    const [added] = fingerprints(connection).filter((each) => !fingerprints(before).includes(each));
    expect((await admin.delete(`${at}/certificates/${added}`)).status).toBe(200);

    const other = await joins(rollcall, owner, { role: 'admin' });
    await owner.post(`/users/${other.id}/identities`, { connectionId: provider.connection, subject: 'o-2' });
    expect((await owner.put(`/users/${other.id}/owner`, { password: OWNER_PASSWORD })).status).toBe(204);
    for (const [how, path, body] of [
      ['post', `${at}/certificates`, { certificate: certificatePem }],
      ['patch', at, { settings: { entityId: 'https://evil.example' } }],
      ['patch', at, { settings: { metadataUrl: 'https://evil.example/metadata' } }],
    ] as const) {
      const answer = await admin[how](path, body);
      expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'owner_only']);
    }
    expect((await admin.patch(at, { name: 'Acme Workforce' })).status).toBe(200);
    const { body: after } = await owner.get(at);
    expect(fingerprints(after)).toEqual(fingerprints(before));
    expect((await owner.post(`${at}/certificates`, { certificate: certificatePem })).status).toBe(201);
  });
});
