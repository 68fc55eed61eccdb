import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { joins, signInAsOwner, type TestUser } from '../support/admin.ts';
import { createTestProviders, metadataOf } from '../support/providers.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { makeParty, type Party } from '../support/saml/party.ts';

const providers = createTestProviders();
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let party: Party;

beforeAll(async () => {
  rollcall = await startRollcall({ providers: providers.reader });
  organization = await rollcall.organization();
  owner = await signInAsOwner(rollcall, organization);
  party = await makeParty();
});
afterAll(() => rollcall.close());

const draft = { name: 'Acme Okta', protocol: 'saml', provider: 'okta' };
const saml = () => ({ ...draft, metadataXml: metadataOf({ certificates: [party.certificatePem] }) });
const oidc = {
  name: 'Acme Entra',
  protocol: 'oidc',
  provider: 'entra',
  settings: { issuer: 'https://login.acme.example/v2', clientId: 'rollcall' },
  clientSecret: 'a secret of the client',
};
const add = async (body: object) => {
  const answer = await owner.post('/sso/connections', body);
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.body;
};
const read = async (id: string) => (await owner.get(`/sso/connections/${id}`)).body;
const codes = (body: { warnings: { code: string }[] }) => body.warnings.map(({ code }) => code);
const rows = <Row extends object>(sql: string, values: readonly unknown[] = []) =>
  rollcall.rollcall.db.search<Row>(sql, values);
const eventsOf = async (id: string) =>
  (
    await rows<{ action: string }>(
      'select action from events where $1::uuid in (target_id, member_id) order by id',
      [id],
    )
  ).map(({ action }) => action);
/** As a test that succeeded leaves it. */
const passTest = (id: string) =>
  rows('update sso_connections set tested_at = now() where connection_id = $1', [id]);

describe('a new SAML connection', () => {
  test('is a draft without a provider, and shows what to enter there under its own labels', async () => {
    const body = await add(draft);
    expect(body).toMatchObject({ state: 'draft', testedAt: null, version: 1, hasClientSecret: false });
    const base = rollcall.base.replace('/scim/v2', '');
    const values = body.serviceProvider.map(({ name, value }: { name: string; value: string }) => [
      name,
      value,
    ]);
    expect(Object.fromEntries(values)).toEqual({
      acsUrl: `${base}/sso/saml/${body.id}/acs`,
      entityId: `${base}/sso/saml/${body.id}`,
      metadataUrl: `${base}/sso/saml/${body.id}/metadata`,
      sloUrl: `${base}/sso/saml/${body.id}/slo`,
      signInUrl: `${base}/sso/${body.id}/start`,
    });
    expect(body.serviceProvider[1].labels).toMatchObject({
      okta: 'Audience URI (SP Entity ID)',
      entra: 'Identifier (Entity ID)',
    });
    expect(codes(body)).toEqual(['incomplete', 'certificate_missing', 'no_verified_domain']);
    expect(await eventsOf(body.id)).toEqual(['sso_connection.created']);
  });

  test('has a key that signs and a key to encrypt to, sealed at rest', async () => {
    const { id, keys } = await add(draft);
    expect(keys.map(({ use }: { use: string }) => use)).toEqual(['signing', 'encryption']);
    expect(keys[0].certificate).toMatch(/^-----BEGIN CERTIFICATE-----/);
    const [stored] = await rows<{ row: string }>(
      `select string_agg(k::text, ' ') as row from sso_keys k where connection_id = $1`,
      [id],
    );
    expect(stored?.row).not.toContain('PRIVATE KEY');
    expect(JSON.stringify(await read(id))).not.toMatch(/PRIVATE KEY|sealed/i);
  });

  test('takes its settings from the provider’s metadata, including certificates', async () => {
    const body = await add(saml());
    expect(body.settings).toMatchObject({
      entityId: 'https://idp.acme.example/metadata',
      ssoUrl: 'https://idp.acme.example/sso',
      metadataUrl: null,
    });
    expect(body.certificates).toMatchObject([
      { fingerprint: party.fingerprint, source: 'metadata', expired: false, lastUsedAt: null },
    ]);
    expect(codes(body)).toEqual(['no_verified_domain']);
    expect(await eventsOf(body.id)).toEqual(['sso_connection.created', 'sso_certificate.added']);
  });

  test('remembers the address of its metadata', async () => {
    const metadataUrl = 'https://idp.acme.example/metadata.xml';
    providers.addresses.set(metadataUrl, { xml: metadataOf({ certificates: [party.certificatePem] }) });
    const body = await add({ ...draft, metadataUrl });
    expect(body.settings.metadataUrl).toBe(metadataUrl);
    expect(body.metadata).toEqual({ checkedAt: expect.any(String), error: null });
  });

  test.each([
    ['no metadata at all', { metadataXml: '<html/>' }, 'invalid_metadata'],
    ['an address that answers 404', { metadataUrl: 'https://idp.acme.example/nothing' }, 'invalid_metadata'],
    ['an address on this machine', { metadataUrl: 'https://127.0.0.1/metadata' }, 'invalid_address'],
    ['an address without encryption', { metadataUrl: 'http://idp.acme.example/metadata' }, 'invalid_address'],
    ['both', { metadataUrl: 'https://idp.acme.example/', metadataXml: '<x/>' }, 'validation_failed'],
    ['a script instead of an address', { settings: { ssoUrl: 'javascript:alert(1)' } }, 'validation_failed'],
    ['a field that there is not', { settings: { certificate: 'x' } }, 'validation_failed'],
    ['a field of another protocol', { settings: { issuer: 'https://a.example' } }, 'validation_failed'],
    ['a provider that there is not', { provider: 'onelogin' }, 'validation_failed'],
    ['a protocol that there is not', { protocol: 'wsfed' }, 'validation_failed'],
  ])('is rejected with %s', async (_, change, code) => {
    const before = (await owner.get('/sso/connections')).body.data.length;
    const { status, body } = await owner.post('/sso/connections', { ...draft, ...change });
    expect([status, body.code]).toEqual([422, code]);
    expect((await owner.get('/sso/connections')).body.data).toHaveLength(before);
  });
});

describe('a new OpenID Connect connection', () => {
  test('asks whether the provider is there, and keeps the client secret to itself', async () => {
    expect((await owner.post('/sso/connections', oidc)).body.code).toBe('invalid_provider');
    providers.issuers.add(oidc.settings.issuer);
    const body = await add(oidc);
    expect(body).toMatchObject({ hasClientSecret: true, settings: { clientAuth: 'client_secret_basic' } });
    expect(body.keys).toMatchObject([{ use: 'signing' }]);
    expect(JSON.stringify(body)).not.toContain(oidc.clientSecret);
    const [stored] = await rows<{ row: string }>(
      'select s::text as row from sso_connections s where connection_id = $1',
      [body.id],
    );
    expect(stored?.row).not.toContain(oidc.clientSecret);
    expect(body.serviceProvider.map(({ name }: { name: string }) => name)).toEqual([
      'redirectUri',
      'postLogoutRedirectUri',
      'backchannelLogoutUri',
      'jwksUri',
      'signInUrl',
    ]);
  });

  test('without a secret, where its provider wants one, is warned about', async () => {
    const { clientSecret: _, ...bare } = oidc;
    expect(codes(await add(bare))).toContain('client_secret_missing');
    const byKey = { ...bare, settings: { ...bare.settings, clientAuth: 'private_key_jwt' } };
    expect(codes(await add(byKey))).not.toContain('client_secret_missing');
  });
});

describe('single sign-on for a connection that SCIM uses', () => {
  test('is added to it once, and is all that goes when it is removed', async () => {
    const body = await add({ ...draft, name: 'Both', connectionId: organization.connection });
    expect(body).toMatchObject({ id: organization.connection, name: 'Both', hasScim: true });
    const again = await owner.post('/sso/connections', { ...draft, connectionId: organization.connection });
    expect([again.status, again.body.code]).toEqual([409, 'conflict']);
    expect((await owner.delete(`/sso/connections/${organization.connection}`)).status).toBe(204);
    expect((await owner.get(`/sso/connections/${organization.connection}`)).status).toBe(404);
    expect((await organization.scim('GET', '/Users')).status).toBe(200);
  });

  test('is never added to another organization’s', async () => {
    const other = await rollcall.organization();
    const { status, body } = await owner.post('/sso/connections', {
      ...draft,
      connectionId: other.connection,
    });
    expect([status, body.code]).toEqual([404, 'not_found']);
  });
});

describe('a change', () => {
  test('of what a test proved makes the test worthless; of a name it does not', async () => {
    const { id } = await add(saml());
    await passTest(id);
    const named = await owner.patch(`/sso/connections/${id}`, { name: 'Okta of Acme' });
    expect(named.body).toMatchObject({ name: 'Okta of Acme', testedAt: expect.any(String), version: 2 });
    const other = { settings: { ssoUrl: 'https://idp.acme.example/sso/2' } };
    const changed = await owner.patch(`/sso/connections/${id}`, other);
    expect(changed.body).toMatchObject({ testedAt: null, version: 3, settings: other.settings });
    expect(changed.body.settings.entityId).toBe('https://idp.acme.example/metadata');
    expect((await eventsOf(id)).slice(-2)).toEqual(['sso_connection.updated', 'sso_connection.updated']);
  });

  test('that changes nothing makes no version and no event', async () => {
    const { id } = await add(saml());
    const before = await eventsOf(id);
    const { body } = await owner.patch(`/sso/connections/${id}`, { settings: { signRequests: true } });
    expect(body.version).toBe(1);
    expect(await eventsOf(id)).toEqual(before);
  });

  test('is rejected if another user made one meanwhile', async () => {
    const { id } = await add(saml());
    await owner.patch(`/sso/connections/${id}`, { name: 'First' });
    const late = await owner.patch(`/sso/connections/${id}`, { name: 'Second' }).set('If-Match', '"1"');
    expect([late.status, late.body.code]).toEqual([412, 'version_mismatch']);
    const { headers } = await owner.get(`/sso/connections/${id}`);
    expect(headers['etag']).toBe('"2"');
    const fresh = await owner.patch(`/sso/connections/${id}`, { name: 'Second' }).set('If-Match', '"2"');
    expect(fresh.status).toBe(200);
  });

  test('of a connection that users use is accepted, and warned about', async () => {
    const { id } = await add(saml());
    await rows(`update sso_connections set state = 'active', tested_at = now() where connection_id = $1`, [
      id,
    ]);
    const { body } = await owner.patch(`/sso/connections/${id}`, {
      settings: { allowIdpInitiated: true, encryption: 'required' },
    });
    expect(codes(body)).toEqual(['live_edit', 'idp_initiated', 'untested', 'no_verified_domain']);
    expect(body.state).toBe('active');
    const emptied = await owner.patch(`/sso/connections/${id}`, { settings: { entityId: '' } });
    expect([emptied.status, emptied.body.code]).toEqual([409, 'connection_incomplete']);
  });

  test('of the client secret is not shown, and not in an event', async () => {
    providers.issuers.add(oidc.settings.issuer);
    const { id } = await add(oidc);
    await passTest(id);
    const changed = await owner.patch(`/sso/connections/${id}`, { clientSecret: 'another secret' });
    expect(changed.body).toMatchObject({ hasClientSecret: true, testedAt: null });
    const gone = await owner.patch(`/sso/connections/${id}`, { clientSecret: null });
    expect(gone.body.hasClientSecret).toBe(false);
    const written = await rows<{ text: string }>(
      `select coalesce(changes::text, '') as text from events where $1::uuid in (target_id, member_id)`,
      [id],
    );
    expect(written.some(({ text }) => text.includes('another secret'))).toBe(false);
    expect(written.some(({ text }) => text.includes('clientSecret'))).toBe(true);
  });

  test('of a field that the protocol has not names the field', async () => {
    const { id } = await add(draft);
    const { status, body } = await owner.patch(`/sso/connections/${id}`, {
      settings: { issuer: 'https://a.example' },
      clientSecret: 'x',
    });
    expect(status).toBe(422);
    expect(body.errors.map(({ path }: { path: string }) => path)).toEqual([
      'settings.issuer',
      'clientSecret',
    ]);
  });
});

describe('our keys', () => {
  test('are replaced side by side, and the old one goes when its time has ended', async () => {
    const { id, keys } = await add(draft);
    const rotated = await owner.post(`/sso/connections/${id}/keys/rotate`, {
      use: 'signing',
      overlapHours: 24,
    });
    const signing = rotated.body.keys.filter(({ use }: { use: string }) => use === 'signing');
    expect(signing).toHaveLength(2);
    expect(signing[0]).toMatchObject({ id: keys[0].id, retiresAt: expect.any(String) });
    expect(signing[1].retiresAt).toBeNull();
    const third = await owner.post(`/sso/connections/${id}/keys/rotate`, { use: 'signing' });
    expect([third.status, third.body.code]).toEqual([409, 'conflict']);
    const retired = await owner.delete(`/sso/connections/${id}/keys/${keys[0].id}`);
    expect(retired.body.keys.map((key: { id: string }) => key.id).sort()).toEqual(
      [signing[1].id, keys[1].id].sort(),
    );
    expect(await rows('select from sso_keys where id = $1', [keys[0].id])).toEqual([]);
    expect((await eventsOf(id)).slice(1)).toEqual(['sso_key.added', 'sso_key.retired']);
    const last = await owner.delete(`/sso/connections/${id}/keys/${signing[1].id}`);
    expect([last.status, last.body.code]).toEqual([409, 'conflict']);
  });
});

describe('auto-provisioning', () => {
  const jit = (id: string) => `/sso/connections/${id}/jit`;

  test('R42, R43, R45, R46, R55: is off at first, with the defaults of the form', async () => {
    const { id } = await add(draft);
    expect((await owner.get(jit(id))).body).toMatchObject({
      enabled: false,
      defaultRole: 'readonly',
      emailAttribute: 'email',
      nameAttribute: 'displayName',
      groupAttribute: null,
      autoCreateGroups: false,
    });
  });

  test('R44, R47, R139: is stored, and shows in the list of connections', async () => {
    const { id } = await add(draft);
    const wanted = {
      enabled: true,
      defaultRole: 'train',
      emailAttribute: 'mail',
      groupAttribute: 'memberOf',
      allowedDomains: ['B\u00fccher.example', 'acme.example', 'ACME.example'],
    };
    const stored = await owner.put(jit(id), wanted);
    expect(stored.status).toBe(200);
    expect(stored.body).toMatchObject({
      ...wanted,
      allowedDomains: ['xn--bcher-kva.example', 'acme.example'],
    });
    expect(stored.headers['etag']).toBe('"2"');
    expect((await owner.get(jit(id))).body).toEqual(stored.body);
    const { data } = (await owner.get('/sso/connections')).body;
    expect(data.find((each: { id: string }) => each.id === id)).toMatchObject({
      enabled: false,
      jitEnabled: true,
      allowedDomains: ['xn--bcher-kva.example', 'acme.example'],
    });
  });

  test('a change of the attribute that identifies users invalidates the test', async () => {
    const { id } = await add(saml());
    await passTest(id);
    await owner.put(jit(id), { enabled: true });
    expect((await read(id)).testedAt).not.toBeNull();
    await owner.put(jit(id), { enabled: true, emailAttribute: 'mail' });
    expect((await read(id)).testedAt).toBeNull();
  });

  test.each([
    ['owner as the default role', { defaultRole: 'owner' }, 422, 'validation_failed'],
    ['a field that there is not', { defaultGroup: 'x' }, 422, 'validation_failed'],
    ['owner in the mapping', { roleMapping: [{ group: 'x', role: 'owner' }] }, 422, 'validation_failed'],
    ['what is no domain', { allowedDomains: ['*.acme.example'] }, 422, 'invalid_domain'],
    ['everybody’s domain', { allowedDomains: ['gmail.com'] }, 422, 'public_domain'],
  ])('is rejected with %s', async (_, body, status, code) => {
    const { id } = await add(draft);
    const answer = await owner.put(jit(id), body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('guard rule 4: no one maps to a role that they may not give', async () => {
    const admin = await joins(rollcall, owner, { role: 'admin' });
    const { id } = await add(draft);
    await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: true } });
    const mapping = { roleMapping: [{ group: 'Bosses', role: 'admin' }] };
    for (const body of [{ defaultRole: 'admin' }, mapping]) {
      const refused = await admin.put(jit(id), body);
      expect([refused.status, refused.body.code]).toEqual([403, 'role_above_limit']);
    }
    expect((await admin.put(jit(id), { defaultRole: 'configure' })).status).toBe(200);
    expect((await owner.put(jit(id), mapping)).status).toBe(200);
    await owner.patch('/settings', { settings: { onlyOwnersGrantAdmin: false } });
  });
});
