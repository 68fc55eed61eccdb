import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { createTestProviders, metadataOf } from '../support/providers.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';
import { makeParty, type Party } from '../support/saml/party.ts';

let clock = Date.now();
/** No two events at one time, so that they keep their order. */
const now = () => {
  clock += 1;
  return new Date(clock);
};
const providers = createTestProviders(now);
let rollcall: TestRollcall;
let organization: TestOrganization;
let owner: TestUser;
let first: Party;
let second: Party;
let old: Party;

beforeAll(async () => {
  rollcall = await startRollcall({ providers: providers.reader, now });
  organization = await rollcall.organization();
  [first, second, old] = await Promise.all([
    makeParty(),
    makeParty(),
    makeParty({ notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2024-01-01T00:00:00Z') }),
  ]);
});
beforeEach(async () => {
  owner = await signInAsOwner(rollcall, organization);
});
afterAll(() => rollcall.close());

const ADDRESS = 'https://idp.acme.example/metadata.xml';
const xml = (change: Partial<Parameters<typeof metadataOf>[0]> = {}) =>
  metadataOf({ certificates: [first.certificatePem], ...change });
const run = <Row extends object>(sql: string, values: readonly unknown[] = []) =>
  rollcall.rollcall.db.search<Row>(sql, values);

const create = async (more: object = { metadataXml: xml() }) => {
  const body = { name: 'Acme', protocol: 'saml', provider: 'generic', ...more };
  const { id } = (await owner.post('/sso/connections', body)).body;
  return `/sso/connections/${id}`;
};
const idOf = (path: string) => path.split('/').at(-1);
/** As it is once a test has succeeded and users sign in. */
const activate = (path: string) =>
  run(`update sso_connections set state = 'active', tested_at = now() where connection_id = $1`, [
    idOf(path),
  ]);
const use = (path: string, { fingerprint }: Party) =>
  run('update sso_certificates set last_used_at = now() where connection_id = $1 and fingerprint = $2', [
    idOf(path),
    fingerprint,
  ]);
const read = async (path: string) => (await owner.get(path)).body;
const codes = (body: { warnings: { code: string }[] }) => body.warnings.map(({ code }) => code);
const trusted = (body: { certificates: { fingerprint: string }[] }) =>
  body.certificates.map(({ fingerprint }) => fingerprint).sort();
const prints = (...parties: Party[]) => parties.map(({ fingerprint }) => fingerprint).sort();
const events = async (path: string) =>
  (
    await run<{ action: string }>(
      'select action from events where $1::uuid in (target_id, member_id) order by id',
      [idOf(path)],
    )
  ).map(({ action }) => action);

describe('certificates', () => {
  test('are added as PEM or as its base64 alone, each once, and shown with what matters', async () => {
    const path = await create({});
    const added = await owner.post(`${path}/certificates`, { certificate: first.certificatePem });
    expect(added.status).toBe(201);
    expect(added.body.certificates).toMatchObject([
      {
        fingerprint: first.fingerprint,
        source: 'upload',
        expired: false,
        subject: expect.stringContaining('CN='),
      },
    ]);
    const bare = second.certificatePem.replace(/-----[A-Z ]+-----|\s/g, '');
    await owner.post(`${path}/certificates`, { certificate: bare });
    const { body } = await owner.post(`${path}/certificates`, { certificate: second.certificatePem });
    expect([trusted(body), body.version]).toEqual([prints(first, second), 3]);
    const listed = await owner.get(`${path}/certificates`);
    expect(listed.body.data.map(({ pem }: { pem: string }) => pem)).toContain(first.certificatePem);
  });

  test('that are invalid are rejected with a sentence', async () => {
    const path = await create({});
    const { status, body } = await owner.post(`${path}/certificates`, { certificate: 'no certificate' });
    expect([status, body.code, body.errors[0].path]).toEqual([422, 'invalid_certificate', 'certificate']);
  });

  test('that have expired are accepted, since the key is what is trusted, and warned about', async () => {
    const path = await create({});
    const { body } = await owner.post(`${path}/certificates`, { certificate: old.certificatePem });
    expect(body.certificates[0].expired).toBe(true);
    expect(codes(body)).toContain('certificate_expired');
  });

  test('that expire within thirty days are warned about', async () => {
    const soon = await makeParty({ notAfter: new Date(clock + 20 * 86_400_000) });
    const path = await create({});
    const { body } = await owner.post(`${path}/certificates`, { certificate: soon.certificatePem });
    expect(codes(body)).toContain('certificate_expires');
  });

  test('are of SAML connections', async () => {
    const body = { name: 'OIDC', protocol: 'oidc', provider: 'generic' };
    const { id } = (await owner.post('/sso/connections', body)).body;
    const answer = await owner.post(`/sso/connections/${id}/certificates`, {
      certificate: first.certificatePem,
    });
    expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
  });

  test('the last one of an active connection stays; of a draft it may go, and the test with it', async () => {
    const path = await create();
    await activate(path);
    const refused = await owner.delete(`${path}/certificates/${first.fingerprint}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'last_certificate']);
    await owner.post(`${path}/deactivate`);
    const removed = await owner.delete(`${path}/certificates/${first.fingerprint.toUpperCase()}`);
    expect(removed.body).toMatchObject({ certificates: [], testedAt: null });
    expect((await owner.delete(`${path}/certificates/${first.fingerprint}`)).status).toBe(404);
    expect((await events(path)).slice(-2)).toEqual([
      'sso_connection.switched_off',
      'sso_certificate.removed',
    ]);
  });

  test('of two that are removed concurrently, one stays', async () => {
    const path = await create({
      metadataXml: xml({ certificates: [first, second].map((p) => p.certificatePem) }),
    });
    await activate(path);
    const answers = await Promise.all(
      prints(first, second).map((fingerprint) => owner.delete(`${path}/certificates/${fingerprint}`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await read(path)).certificates).toHaveLength(1);
  });
});

describe('metadata of a draft', () => {
  test('describes the provider anew: what came from metadata before goes, what was uploaded stays', async () => {
    const path = await create();
    await owner.post(`${path}/certificates`, { certificate: old.certificatePem });
    const { body } = await owner.post(`${path}/metadata`, {
      xml: xml({
        entityId: 'urn:another',
        ssoUrl: 'https://other.example/sso',
        sloUrl: 'https://other.example/slo',
        certificates: [second.certificatePem],
      }),
    });
    expect(body).toMatchObject({
      staged: null,
      settings: {
        entityId: 'urn:another',
        ssoUrl: 'https://other.example/sso',
        sloUrl: 'https://other.example/slo',
      },
    });
    expect(trusted(body)).toEqual(prints(old, second));
    expect(await events(path)).toContain('sso_metadata.applied');
  });

  test('is warned about where a certificate is not accepted, or signed requests are wanted in vain', async () => {
    const weak = await makeParty({ bits: 1_024 });
    const wants = (document: string) =>
      document.replace('<md:IDPSSODescriptor ', '<md:IDPSSODescriptor WantAuthnRequestsSigned="true" ');
    const metadataXml = wants(xml({ certificates: [first.certificatePem, weak.certificatePem] }));
    const body = { name: 'Acme', protocol: 'saml', provider: 'generic', metadataXml };
    const created = await owner.post('/sso/connections', { ...body, settings: { signRequests: false } });
    expect(codes(created.body)).toEqual(['certificate_left_out', 'requests_unsigned', 'no_verified_domain']);
    expect(created.body.warnings[0].message).toMatch(/not accepted.*1024 bits/);
    const path = `/sso/connections/${created.body.id}`;
    const again = await owner.post(`${path}/metadata`, { xml: metadataXml });
    expect(codes(again.body)).toContain('certificate_left_out');
    await owner.patch(path, { settings: { signRequests: true } });
    const signs = await owner.post(`${path}/metadata`, { xml: wants(xml()) });
    expect(codes(signs.body)).toEqual(['no_verified_domain']);
  });

  test('comes from a URL or as a document, and the last one is used', async () => {
    const path = await create({});
    providers.addresses.set(ADDRESS, { xml: xml() });
    expect((await owner.post(`${path}/metadata`, { url: ADDRESS })).body.settings.metadataUrl).toBe(ADDRESS);
    const pasted = await owner.post(`${path}/metadata`, { xml: xml() });
    expect(pasted.body).toMatchObject({ settings: { metadataUrl: null }, metadata: { checkedAt: null } });
  });

  test('of several providers needs a name', async () => {
    const path = await create({});
    const inner = ['urn:one', 'urn:two'].map((entityId) => xml({ entityId })).join('');
    const federation = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${inner}</md:EntitiesDescriptor>`;
    const unclear = await owner.post(`${path}/metadata`, { xml: federation });
    expect([unclear.status, unclear.body.code]).toEqual([422, 'invalid_metadata']);
    const { body } = await owner.post(`${path}/metadata`, { xml: federation, entityId: 'urn:two' });
    expect(body.settings.entityId).toBe('urn:two');
  });

  test('is rejected if it has expired, is invalid, or is at an address that is not public', async () => {
    const path = await create({});
    const cases = [
      [{ xml: xml({ validUntil: '2020-01-01T00:00:00Z' }) }, 'invalid_metadata'],
      [{ xml: '<EntityDescriptor/>' }, 'invalid_metadata'],
      [{ url: 'https://169.254.169.254/metadata' }, 'invalid_address'],
      [{ url: 'http://idp.acme.example/' }, 'invalid_address'],
      [{}, 'validation_failed'],
      [{ url: ADDRESS, xml: xml() }, 'validation_failed'],
    ] as const;
    for (const [body, code] of cases) {
      const answer = await owner.post(`${path}/metadata`, body);
      expect([body, answer.status, answer.body.code]).toEqual([body, 422, code]);
    }
    expect((await read(path)).version).toBe(1);
  });
});

describe('metadata of an active connection', () => {
  test('sets the binding of single logout messages', async () => {
    const sloUrl = 'https://idp.acme.example/slo';
    const path = await create({ metadataXml: xml({ sloUrl, sloBinding: 'POST' }) });
    expect((await read(path)).settings).toMatchObject({ sloUrl, sloBinding: 'post' });
    await activate(path);
    const { body } = await owner.post(`${path}/metadata`, { xml: xml({ sloUrl }) });
    expect(body).toMatchObject({ staged: null, settings: { sloUrl, sloBinding: 'redirect' } });
    const again = await owner.post(`${path}/metadata`, { xml: xml({ sloUrl }) });
    expect(again.body.version).toBe(body.version);
  });

  test('adds a certificate automatically, and removes none that may be the last working one', async () => {
    const path = await create();
    await activate(path);
    const { body } = await owner.post(`${path}/metadata`, {
      xml: xml({ certificates: [second.certificatePem] }),
    });
    expect(trusted(body)).toEqual(prints(first, second));
    expect(body.staged).toMatchObject({ removeCertificates: [first.fingerprint] });
    expect(body.testedAt).not.toBeNull();
  });

  test('another entity ID is staged until an administrator confirms it', async () => {
    const path = await create();
    await activate(path);
    const fresh = {
      entityId: 'urn:another',
      ssoUrl: 'https://evil.example/sso',
      certificates: [second.certificatePem],
    };
    const given = await owner.post(`${path}/metadata`, { xml: xml(fresh) });
    expect(given.body.settings.entityId).toBe('https://idp.acme.example/metadata');
    expect(trusted(given.body)).toEqual(prints(first));
    expect(given.body.staged).toMatchObject({
      entityId: 'urn:another',
      sso: { url: 'https://evil.example/sso', binding: 'redirect' },
      addCertificates: [{ fingerprint: second.fingerprint }],
      removeCertificates: [first.fingerprint],
    });
    const { message } = given.body.warnings.find(({ code }: { code: string }) => code === 'metadata_staged');
    expect(message).toMatch(
      /another entity ID \(urn:another\), users would sign in at https:\/\/evil.example/,
    );
    expect((await read(path)).staged).toEqual(given.body.staged);
    expect((await events(path)).at(-1)).toBe('sso_metadata.staged');

    const confirmed = await owner.post(`${path}/metadata/confirm`);
    expect(confirmed.body).toMatchObject({
      staged: null,
      testedAt: null,
      settings: { entityId: 'urn:another' },
    });
    expect(trusted(confirmed.body)).toEqual(prints(second));
    expect(codes(confirmed.body)).toEqual(expect.arrayContaining(['live_edit', 'untested']));
    const again = await owner.post(`${path}/metadata/confirm`);
    expect([again.status, again.body.code]).toEqual([409, 'nothing_staged']);
  });

  test('what is staged can be forgotten', async () => {
    const path = await create();
    await activate(path);
    await owner.post(`${path}/metadata`, { xml: xml({ entityId: 'urn:another' }) });
    const dropped = await owner.delete(`${path}/metadata/staged`);
    expect(dropped.body).toMatchObject({
      staged: null,
      settings: { entityId: 'https://idp.acme.example/metadata' },
    });
    expect((await owner.delete(`${path}/metadata/staged`)).body.code).toBe('nothing_staged');
  });

  test('what is staged is confirmed once, by one of two', async () => {
    const path = await create();
    await activate(path);
    await owner.post(`${path}/metadata`, { xml: xml({ entityId: 'urn:another' }) });
    const answers = await Promise.all([1, 2].map(() => owner.post(`${path}/metadata/confirm`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

describe('every day', () => {
  const day = 25 * 3_600_000;
  const active = async () => {
    providers.addresses.set(ADDRESS, { xml: xml(), etag: '"1"' });
    const path = await create({ metadataUrl: ADDRESS });
    await activate(path);
    providers.requested.length = 0;
    return path;
  };
  const pass = async (time = day) => {
    clock += time;
    await rollcall.rollcall.runSsoSchedule();
    owner = await signInAsOwner(rollcall, organization);
  };
  const leave = (path: string) => owner.delete(path);

  test('the metadata is fetched again, with the ETag of the stored one', async () => {
    const path = await active();
    await pass(3_600_000);
    expect(providers.requested).toEqual([]);
    await pass();
    await pass(3_600_000);
    expect(providers.requested).toEqual([{ url: ADDRESS, etag: '"1"' }]);
    expect(await read(path)).toMatchObject({
      version: 1,
      metadata: { error: null, checkedAt: expect.any(String) },
    });
    await leave(path);
  });

  test('it is fetched sooner if it expires within a day, and if it could not be read', async () => {
    providers.addresses.set(ADDRESS, { xml: xml({ cacheDuration: 'PT6H' }), etag: '"1"' });
    const path = await create({ metadataUrl: ADDRESS });
    await activate(path);
    providers.requested.length = 0;
    const requested = async (hours: number) => {
      await pass(hours * 3_600_000);
      return providers.requested.splice(0).length;
    };
    // The second answer is that nothing has changed: then it stays at six hours.
    expect([await requested(5), await requested(2), await requested(5), await requested(2)]).toEqual([
      0, 1, 0, 1,
    ]);
    providers.addresses.set(ADDRESS, { status: 503 });
    expect([await requested(7), await requested(0.5), await requested(1)]).toEqual([1, 0, 1]);
    await leave(path);
  });

  test('a certificate that is new is trusted by itself, and the old one goes once the new one has worked', async () => {
    const path = await active();
    const both = [first, second].map(({ certificatePem }) => certificatePem);
    providers.addresses.set(ADDRESS, { xml: xml({ certificates: both }), etag: '"2"' });
    await pass();
    expect(trusted(await read(path))).toEqual(prints(first, second));
    expect(await read(path)).toMatchObject({ testedAt: expect.any(String), version: 2 });

    providers.addresses.set(ADDRESS, { xml: xml({ certificates: [second.certificatePem] }), etag: '"3"' });
    await pass();
    expect(await read(path)).toMatchObject({ staged: { removeCertificates: [first.fingerprint] } });
    await use(path, second);
    providers.addresses.set(ADDRESS, { xml: xml({ certificates: [second.certificatePem] }), etag: '"4"' });
    await pass();
    const after = await read(path);
    expect([trusted(after), after.staged]).toEqual([prints(second), null]);
    await leave(path);
  });

  test('another host to sign in at is staged and reported once, however often it is read', async () => {
    const path = await active();
    providers.addresses.set(ADDRESS, { xml: xml({ ssoUrl: 'https://evil.example/sso' }) });
    await pass();
    await pass();
    const after = await read(path);
    expect(after.settings.ssoUrl).toBe('https://idp.acme.example/sso');
    expect(after.staged).toMatchObject({ sso: { url: 'https://evil.example/sso' } });
    expect((await events(path)).filter((action) => action === 'sso_metadata.staged')).toHaveLength(1);
    const [event] = await run<{ actor: object }>(
      `select jsonb_build_object('type', actor_type, 'id', actor_id, 'via', via) as actor from events where $1::uuid in (target_id, member_id) and action = 'sso_metadata.staged'`,
      [idOf(path)],
    );
    expect(event?.actor).toMatchObject({ type: 'system', via: 'schedule' });
    await leave(path);
  });

  test('what an administrator has dropped is not staged again, but what is new is, and what they give again', async () => {
    const path = await active();
    const evil = { xml: xml({ ssoUrl: 'https://evil.example/sso' }) };
    providers.addresses.set(ADDRESS, evil);
    await pass();
    expect((await owner.delete(`${path}/metadata/staged`)).body.staged).toBeNull();
    const { version } = await read(path);
    await pass();
    const after = await read(path);
    expect([after.staged, after.version, codes(after)]).toEqual([
      null,
      version,
      expect.not.arrayContaining(['metadata_staged']),
    ]);
    providers.addresses.set(ADDRESS, { xml: xml({ ssoUrl: 'https://worse.example/sso' }) });
    await pass();
    expect((await read(path)).staged).toMatchObject({ sso: { url: 'https://worse.example/sso' } });
    providers.addresses.set(ADDRESS, evil);
    await owner.delete(`${path}/metadata/staged`);
    await pass();
    await owner.delete(`${path}/metadata/staged`);
    const given = await owner.post(`${path}/metadata`, { url: ADDRESS });
    expect(given.body.staged).toMatchObject({ sso: { url: 'https://evil.example/sso' } });
    await leave(path);
  });

  test('another entity ID is staged as well, and a certificate that came with it is not trusted', async () => {
    const path = await active();
    providers.addresses.set(ADDRESS, {
      xml: xml({ entityId: 'urn:another', certificates: [second.certificatePem] }),
    });
    await pass();
    const after = await read(path);
    expect(after.settings.entityId).toBe('https://idp.acme.example/metadata');
    expect(after.staged).toMatchObject({ entityId: 'urn:another' });
    expect(trusted(after)).toEqual(prints(first));
    await leave(path);
  });

  test('why it could not be read is kept in words, until it can be', async () => {
    const path = await active();
    providers.addresses.set(ADDRESS, { status: 503 });
    await pass();
    const failed = await read(path);
    expect(failed.metadata.error).toContain('503');
    expect(codes(failed)).toContain('metadata_failed');
    expect(trusted(failed)).toEqual(prints(first));
    providers.addresses.set(ADDRESS, { xml: '<html>Sign in first</html>' });
    await pass();
    expect((await read(path)).metadata.error).toContain('web page');
    providers.addresses.set(ADDRESS, { xml: xml() });
    await pass();
    expect((await read(path)).metadata.error).toBeNull();
    await leave(path);
  });

  test('one connection that cannot be read keeps no other from it', async () => {
    const path = await active();
    providers.addresses.set('https://idp.acme.example/broken', { xml: xml() });
    const broken = await create({ metadataUrl: 'https://idp.acme.example/broken' });
    await activate(broken);
    providers.addresses.set('https://idp.acme.example/broken', { status: 500 });
    const both = [first, second].map(({ certificatePem }) => certificatePem);
    providers.addresses.set(ADDRESS, { xml: xml({ certificates: both }) });
    await pass();
    expect(trusted(await read(path))).toEqual(prints(first, second));
    await leave(path);
    await leave(broken);
  });

  test('a connection that is off is left alone', async () => {
    const path = await active();
    await owner.post(`${path}/deactivate`);
    await pass();
    expect(providers.requested).toEqual([]);
    await leave(path);
  });

  test('metadata of an old URL does not overwrite a URL that an administrator set meanwhile', async () => {
    const path = await active();
    const other = 'https://other.acme.example/metadata.xml';
    providers.addresses.set(ADDRESS, async () => {
      await run(`update sso_connections set settings = settings || $2::jsonb where connection_id = $1`, [
        idOf(path),
        JSON.stringify({ metadataUrl: other }),
      ]);
      return { xml: xml({ entityId: 'urn:of-the-old-one' }) };
    });
    await pass();
    expect((await read(path)).staged).toBeNull();
    await leave(path);
  });

  test('keys of ours whose time has ended are deleted', async () => {
    const path = await create();
    const rotated = await owner.post(`${path}/keys/rotate`, { use: 'encryption', overlapHours: 2 });
    const [before] = rotated.body.keys.filter(({ retiresAt }: { retiresAt: string | null }) => retiresAt);
    await pass(3_600_000);
    expect(await run('select from sso_keys where id = $1', [before.id])).toHaveLength(1);
    await pass(2 * 3_600_000);
    expect(await run('select from sso_keys where id = $1', [before.id])).toEqual([]);
    expect((await events(path)).at(-1)).toBe('sso_key.retired');
  });
});
