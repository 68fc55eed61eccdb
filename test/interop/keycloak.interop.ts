import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Browser, createBrowser, type Page } from '../support/browser.ts';
import { continueLogin } from '../support/interop/continue-login.ts';
import { type Keycloak, startKeycloak } from '../support/interop/keycloak.ts';
import { realmWith, SAML_MAPPERS } from '../support/interop/keycloak-realm.ts';
import { type PageConnection, type Site, startSite } from '../support/interop/site.ts';

const at = process.env['INTEROP_KEYCLOAK'];

const UNTOLD = {
  'saml.encryption.algorithm': '',
  'saml.encryption.keyAlgorithm': '',
  'saml.encryption.digestMethod': '',
  'saml.onetimeuse.condition': 'false',
  saml_idp_initiated_sso_url_name: '',
};

interface Client {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

(at === undefined ? describe.skip : describe)('Keycloak', () => {
  let site: Site;
  let keycloak: Keycloak;
  let oidc: PageConnection;
  let saml: PageConnection;
  /** The SAML client at Keycloak as it was made, of our metadata. */
  let client: Client;

  beforeAll(async () => {
    site = await startSite();
    oidc = await site.connect({
      name: 'Acme Keycloak (OIDC)',
      protocol: 'oidc',
      provider: 'generic',
      settings: { clientId: 'rollcall', clientAuth: 'private_key_jwt' },
    });
    keycloak = await startKeycloak(at as string, realmWith(oidc));
    saml = await site.connect({
      name: 'Acme Keycloak (SAML)',
      protocol: 'saml',
      provider: 'generic',
      metadataUrl: keycloak.samlMetadata,
    });
    client = await describeUs();
    for (const name of ['Keycloak Team', 'kc-trainers', 'kc-leads'])
      await site.owner.post('/groups', { name });
  }, 300_000);
  afterAll(async () => {
    await keycloak?.close();
    await site?.close();
  });

  /** As its administrator does: our metadata is read by Keycloak, and the mappers are added. */
  async function describeUs(): Promise<Client> {
    const metadata = await createBrowser().get(saml.address('metadataUrl'));
    const read = (await keycloak.admin('POST', '/client-description-converter', metadata.text)) as object;
    await keycloak.admin('POST', '/clients', { ...read, protocolMappers: SAML_MAPPERS });
    const query = `?clientId=${encodeURIComponent(saml.address('entityId'))}`;
    return ((await keycloak.admin('GET', `/clients${query}`)) as [Client])[0];
  }

  /** Its form, and all that follows by itself. */
  async function signInAt(browser: Browser, page: Page, username = 'gina'): Promise<Page> {
    if (!page.text.includes('name="password"')) {
      throw new Error(`It does not ask for a password: ${page.url.href} ${page.text} ${keycloak.output()}`);
    }
    return continueLogin(browser, await browser.submit(page, { username, password: `${username}-pass` }));
  }
  const toProvider = async (browser: Browser, { id }: PageConnection) =>
    continueLogin(browser, await browser.get(`${site.publicUrl}/sso/${id}/start`));
  const arrive = async (browser: Browser, connection: PageConnection, username?: string) =>
    signInAt(browser, await toProvider(browser, connection), username);
  /** Presses the button of the page on which Keycloak asks whether one means it. */
  async function signOutThere(browser: Browser): Promise<Page> {
    const requested = await browser.get(`${keycloak.issuer}/protocol/openid-connect/logout`);
    return continueLogin(browser, await browser.submit(requested, { confirmLogout: 'Logout' }));
  }
  const signedInNames = (browsers: readonly Browser[]) =>
    Promise.all(browsers.map((each) => site.signedInName(each)));
  const isSignedOut = expect.stringContaining('You are signed out');

  describe('by OpenID Connect', () => {
    beforeAll(async () => {
      await oidc.change({ issuer: keycloak.issuer });
      await oidc.provision({
        enabled: true,
        nameAttribute: 'name',
        groupAttribute: 'groups',
        allowedDomains: ['kc.example'],
      });
      await oidc.activate(signInAt);
    });

    test('signs in with PKCE and a key of ours that it fetches, with name and groups', async () => {
      const page = await arrive(createBrowser(), oidc);
      expect([page.url.href, page.text]).toEqual([
        `${site.publicUrl}/`,
        expect.stringContaining('Hello, Gina Keycloak'),
      ]);
      expect(await site.findUser('gina@kc.example')).toMatchObject({
        source: 'sso',
        groups: [{ name: 'Keycloak Team' }],
      });
    });

    test('rejects our request if PKCE is accepted out of it on the way', async () => {
      const browser = createBrowser();
      const sent = await browser.get(`${site.publicUrl}/sso/${oidc.id}/start`, {
        stopAt: ({ hostname }) => hostname === 'localhost',
      });
      sent.url.searchParams.delete('code_challenge');
      sent.url.searchParams.delete('code_challenge_method');
      const page = await browser.get(sent.url);
      expect([page.status, await oidc.lastTrace()]).toEqual([
        403,
        expect.objectContaining({ reason: 'provider_error', detail: 'invalid_request' }),
      ]);
    });

    test('asks again for a step-up', async () => {
      const browser = createBrowser();
      await arrive(browser, oidc);
      const page = await signInAt(browser, await site.stepUp(browser));
      expect([page.url.href, (await oidc.lastTrace()).outcome]).toEqual([
        `${site.publicUrl}/proved`,
        'proved',
      ]);
    });

    test('ends its own session when a user signs out here, and sends them back', async () => {
      const browser = createBrowser();
      await arrive(browser, oidc);
      const page = await continueLogin(browser, await site.signOut(browser));
      expect([page.url.origin, page.text]).toEqual([site.publicUrl, isSignedOut]);
      expect((await toProvider(browser, oidc)).text).toContain('name="password"');
    });

    test('ends the session here when a user signs out there, and no other', async () => {
      const [gina, elsewhere] = [createBrowser(), createBrowser()];
      await arrive(gina, oidc);
      await arrive(elsewhere, oidc);
      await signOutThere(gina);
      expect(await signedInNames([gina, elsewhere])).toEqual([undefined, 'Gina Keycloak']);
    });

    test('ends all sessions of a user signed out by its administrator, and no other user’s', async () => {
      const [gina, elsewhere, hugo] = [createBrowser(), createBrowser(), createBrowser()];
      await arrive(gina, oidc);
      await arrive(elsewhere, oidc);
      await arrive(hugo, oidc, 'hugo');
      const [user] = (await keycloak.admin('GET', '/users?username=gina')) as [{ id: string }];
      await keycloak.admin('POST', `/users/${user.id}/logout`);
      expect(await signedInNames([gina, elsewhere, hugo])).toEqual([undefined, undefined, 'Hugo Keycloak']);
    });
  });

  describe('by SAML', () => {
    beforeAll(async () => {
      await saml.provision({ enabled: true, groupAttribute: 'Role', allowedDomains: ['kc.example'] });
      await saml.activate((browser, page) => signInAt(browser, page, 'ivy'));
    });
    // Whatever a test has changed, the next one finds it as it was.
    afterEach(async () => {
      await keycloak.admin('PUT', `/clients/${client.id}`, usual());
      await saml.change({ ssoBinding: 'redirect', signRequests: true, allowIdpInitiated: false });
    });
    /** Keycloak keeps what a change leaves out; an empty value restores its default. */
    const usual = () => ({ ...client, attributes: { ...UNTOLD, ...client.attributes } });
    const configure = async (attributes: Readonly<Record<string, string>>) => {
      const changed = { ...client, attributes: { ...usual().attributes, ...attributes } };
      await keycloak.admin('PUT', `/clients/${client.id}`, changed);
    };

    test('has read in our metadata that we sign requests, and take encrypted assertions', () => {
      expect(client.attributes).toMatchObject({ 'saml.client.signature': 'true', 'saml.encrypt': 'true' });
    });

    test('signs in, with name, and groups from one Attribute for each role', async () => {
      await configure({ 'saml.encrypt': 'false' });
      const page = await arrive(createBrowser(), saml, 'ivy');
      expect([page.url.href, page.text]).toEqual([
        `${site.publicUrl}/`,
        expect.stringContaining('Hello, Ivy'),
      ]);
      const { groups } = (await site.findUser('ivy@kc.example')) as { groups: { name: string }[] };
      expect(groups.map(({ name }) => name).sort()).toEqual(['kc-leads', 'kc-trainers']);
      const message = String((await saml.lastTrace()).seen['message']);
      expect(message.split(' Name="Role"').length - 1).toBeGreaterThan(1);
    });

    const CBC = {
      'saml.encryption.algorithm': 'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
      'saml.encryption.keyAlgorithm': 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
      'saml.encryption.digestMethod': 'http://www.w3.org/2000/09/xmldsig#sha1',
    };
    const PLAIN = { 'saml.encrypt': 'false' };
    test.each([
      ['AES-256-GCM and RSA-OAEP with SHA-256, as it encrypts by default', {}, 'aes256-gcm'],
      ['AES-256-CBC and RSA-OAEP-MGF1P', CBC, 'aes256-cbc'],
      ['nothing encrypted', PLAIN, 'saml:Assertion'],
      ['the response signed alone', { ...PLAIN, 'saml.assertion.signature': 'false' }, 'saml:Assertion'],
      ['the assertion signed alone', { ...PLAIN, 'saml.server.signature': 'false' }, 'saml:Assertion'],
      [
        'the assertion signed and encrypted, the response not signed',
        { 'saml.server.signature': 'false' },
        'gcm',
      ],
      ['RSA-SHA512', { 'saml.signature.algorithm': 'RSA_SHA512' }, 'rsa-sha512'],
      ['a condition of one use', { 'saml.onetimeuse.condition': 'true' }, 'gcm'],
      ['the hint at its key beside the signature', { 'saml.server.signature.keyinfo.ext': 'true' }, 'gcm'],
    ])('signs in with %s', async (_what, attributes, seen) => {
      await configure(attributes);
      const page = await arrive(createBrowser(), saml, 'ivy');
      const trace = await saml.lastTrace();
      expect([page.text, trace.reason]).toEqual([expect.stringContaining('Hello, Ivy'), null]);
      expect(trace.seen['message']).toContain(seen);
    });

    const UNSIGNED = { ...PLAIN, 'saml.server.signature': 'false', 'saml.assertion.signature': 'false' };
    test.each([
      ['signs with SHA-1', { 'saml.signature.algorithm': 'RSA_SHA1' }, 'algorithm_refused'],
      ['signs nothing', UNSIGNED, 'unsigned'],
    ])('that %s signs no user in', async (_what, attributes, reason) => {
      await configure(attributes);
      const page = await arrive(createBrowser(), saml, 'ivy');
      expect([page.status, (await saml.lastTrace()).reason]).toEqual([403, reason]);
    });

    test('takes a signed request in a form, and none that is not signed', async () => {
      await saml.change({ ssoBinding: 'post' });
      expect((await arrive(createBrowser(), saml, 'ivy')).text).toContain('Hello, Ivy');
      await saml.change({ ssoBinding: 'redirect', signRequests: false });
      const refused = await toProvider(createBrowser(), saml);
      expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('Invalid requester')]);
    });

    test('asks again for a step-up', async () => {
      const browser = createBrowser();
      await arrive(browser, saml, 'ivy');
      const page = await signInAt(browser, await site.stepUp(browser), 'ivy');
      expect([page.url.href, (await saml.lastTrace()).outcome]).toEqual([
        `${site.publicUrl}/proved`,
        'proved',
      ]);
    });

    test('begins a sign-in itself where that is on, and only there', async () => {
      await configure({ saml_idp_initiated_sso_url_name: 'rollcall' });
      const browser = createBrowser();
      const tile = `${keycloak.issuer}/protocol/saml/clients/rollcall`;
      expect((await signInAt(browser, await browser.get(tile), 'ivy')).status).toBe(403);
      expect((await saml.lastTrace()).reason).toBe('idp_initiated_off');
      await saml.change({ allowIdpInitiated: true });
      await continueLogin(browser, await browser.get(tile));
      expect(await site.signedInName(browser)).toBe('Ivy');
    });

    describe.each([
      ['form', 'true'],
      ['redirect', 'false'],
    ])('single logout by %s', (_binding, forced) => {
      beforeEach(() =>
        configure({ 'saml.force.post.binding': forced, 'saml.server.signature.keyinfo.ext': 'true' }),
      );

      test('ends its own session when a user signs out here, and comes back', async () => {
        const browser = createBrowser();
        await arrive(browser, saml, 'ivy');
        const page = await continueLogin(browser, await site.signOut(browser));
        expect([page.url.origin, page.text]).toEqual([site.publicUrl, isSignedOut]);
        expect((await toProvider(browser, saml)).text).toContain('name="password"');
      });

      test('ends the session here when a user signs out there, and no other', async () => {
        const [ivy, elsewhere] = [createBrowser(), createBrowser()];
        await arrive(ivy, saml, 'ivy');
        await arrive(elsewhere, saml, 'ivy');
        const page = await signOutThere(ivy);
        // Ours has answered, and it verified the answer.
        expect([page.url.hostname, page.status, page.text]).toEqual([
          'localhost',
          200,
          expect.stringContaining('You are logged out'),
        ]);
        expect(await signedInNames([ivy, elsewhere])).toEqual([undefined, 'Ivy']);
      });
    });
  });
});
