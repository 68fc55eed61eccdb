import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, createBrowser, type Page } from '../support/browser.ts';
import { continueLogin } from '../support/interop/continue-login.ts';
import { type SamlpProvider, startSamlpProvider } from '../support/interop/samlp-provider.ts';
import { type PageConnection, type Site, startSite } from '../support/interop/site.ts';
import { startOidcProvider, type TestOidcProvider } from '../support/oidc/provider.ts';
import { makeParty } from '../support/saml/party.ts';

const GONE = {
  login: 'gus',
  sub: 'sub-gus',
  claims: { email: 'gus@gone.example', email_verified: true, name: 'Gus' },
};
let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

/** From the sign-in page to the provider's form: the address leads there. */
async function toProvider(browser: Browser, email: string): Promise<Page> {
  const form = await browser.get(`${site.publicUrl}/sign-in`);
  return continueLogin(browser, await browser.submit(form, { email }));
}

/** The provider's form, and all that follows by itself. */
async function signInAt(browser: Browser, page: Page, login: string): Promise<Page> {
  return continueLogin(browser, await browser.submit(page, { login }));
}

async function groupsOf(email: string): Promise<readonly string[]> {
  const { groups } = (await site.findUser(email)) as { groups: { name: string }[] };
  return groups.map(({ name }) => name).sort();
}

/** What an OpenID Connect provider has to know of us. */
const ourselves = (connection: PageConnection) => ({
  client_id: 'rollcall',
  token_endpoint_auth_method: 'private_key_jwt' as const,
  jwks_uri: connection.address('jwksUri'),
  redirect_uris: [connection.address('redirectUri')],
});

describe('oidc-provider', () => {
  let provider: TestOidcProvider;
  let connection: PageConnection;
  const account = (login: string, more: object = {}) => ({
    login,
    sub: `sub-${login}`,
    claims: { email: `${login}@oidc.example`, email_verified: true, name: `${login} of OIDC`, ...more },
  });

  beforeAll(async () => {
    await site.owner.post('/groups', { name: 'Support Team' });
    provider = await startOidcProvider({ host: 'localhost', asksConsent: true });
    const unkeepable = { groups: ['Support Team', 'Half \ud800', 'Nul \0'], name: 'Cy\0 \ud800' };
    for (const each of [
      account('ada', { groups: ['Support Team', 'Nobody knows'] }),
      account('bea'),
      account('cy', unkeepable),
    ])
      provider.add(each);
    connection = await site.connect({
      name: 'Acme OIDC',
      protocol: 'oidc',
      provider: 'generic',
      settings: { issuer: provider.issuer, clientId: 'rollcall', clientAuth: 'private_key_jwt' },
    });
    provider.register({
      ...ourselves(connection),
      post_logout_redirect_uris: [connection.address('postLogoutRedirectUri')],
      backchannel_logout_uri: connection.address('backchannelLogoutUri'),
      backchannel_logout_session_required: true,
    });
    await connection.provision({ enabled: true, nameAttribute: 'name', groupAttribute: 'groups' });
    await connection.prove('oidc.example');
    await connection.activate(async (browser, page) =>
      consent(browser, await signInAt(browser, page, 'ada')),
    );
  });
  afterAll(() => provider.close());

  const consent = (browser: Browser, page: Page) => browser.submit(page);
  const completeLogin = async (browser: Browser, login: string) => {
    const page = await toProvider(browser, `${login}@oidc.example`);
    return consent(browser, await signInAt(browser, page, login));
  };

  test('leads from the sign-in page over its form and consent to “Hello”, and creates the user', async () => {
    const browser = createBrowser();
    const page = await completeLogin(browser, 'ada');
    expect([page.url.origin, page.text]).toEqual([
      site.publicUrl,
      expect.stringContaining('Hello, ada of OIDC'),
    ]);
    expect(await site.findUser('ada@oidc.example')).toMatchObject({ status: 'active', source: 'sso' });
    expect(await groupsOf('ada@oidc.example')).toEqual(['Support Team']);
  });

  test('sends text that no database accepts: the user signs in without it', async () => {
    const page = await completeLogin(createBrowser(), 'cy');
    expect(page.text).toContain('Hello, cy@oidc.example');
    expect(await groupsOf('cy@oidc.example')).toEqual(['Support Team']);
  });

  test('asks nothing again while its own session lives', async () => {
    const browser = createBrowser();
    await completeLogin(browser, 'ada');
    const before = browser.cookie(site.publicUrl, 'sid');
    const page = await browser.get(`${site.publicUrl}/sso/${connection.id}/start`);
    expect([page.url.href, page.status]).toEqual([`${site.publicUrl}/`, 200]);
    expect(browser.cookie(site.publicUrl, 'sid')).not.toBe(before);
  });

  test('asks again for a step-up, and a new sign-in proves it', async () => {
    const browser = createBrowser();
    await completeLogin(browser, 'ada');
    const page = await continueLogin(browser, await site.stepUp(browser));
    expect([page.url.hostname, page.text]).toEqual(['localhost', expect.stringContaining('name="login"')]);
    const back = await signInAt(browser, page, 'ada');
    expect(back.url.href).toBe(`${site.publicUrl}/proved`);
    expect((await connection.lastTrace()).outcome).toBe('proved');
  });

  test('rejects a user: the page shows that, and the trace has the reason', async () => {
    const browser = createBrowser();
    const page = await signInAt(browser, await toProvider(browser, 'x@oidc.example'), 'nobody');
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('did not sign you in')]);
    expect(await connection.lastTrace()).toMatchObject({ reason: 'provider_error', detail: 'access_denied' });
  });

  test('ends its own session when a user signs out here, and sends them back', async () => {
    const browser = createBrowser();
    await completeLogin(browser, 'bea');
    const requested = await site.signOut(browser);
    expect(requested.url.origin).toBe(provider.issuer);
    const back = await browser.submit(requested, { logout: 'yes' });
    expect([back.url.origin, back.text]).toEqual([
      site.publicUrl,
      expect.stringContaining('You are signed out'),
    ]);
    expect((await toProvider(browser, 'bea@oidc.example')).text).toContain('name="login"');
  });

  test('ends sessions here through the back channel, only of the user who signed out there', async () => {
    const [ada, elsewhere, bea] = [createBrowser(), createBrowser(), createBrowser()];
    await completeLogin(ada, 'ada');
    await completeLogin(elsewhere, 'ada');
    await completeLogin(bea, 'bea');
    const requested = await ada.get(`${provider.issuer}/session/end`);
    await ada.submit(requested, { logout: 'yes' });
    expect([
      await site.signedInName(ada),
      await site.signedInName(elsewhere),
      await site.signedInName(bea),
    ]).toEqual([undefined, 'ada of OIDC', 'bea of OIDC']);
  });
});

describe('a provider that has gone', () => {
  test('keeps no one from signing out here', async () => {
    const provider = await startOidcProvider({ host: 'localhost', accounts: [GONE] });
    const connection = await site.connect({
      name: 'Gone',
      protocol: 'oidc',
      provider: 'generic',
      settings: { issuer: provider.issuer, clientId: 'rollcall', clientAuth: 'private_key_jwt' },
    });
    provider.register(ourselves(connection));
    await connection.provision({ enabled: true, nameAttribute: 'name' });
    await connection.prove('gone.example');
    await connection.activate((browser, page) => signInAt(browser, page, 'gus'));
    const browser = createBrowser();
    await signInAt(browser, await toProvider(browser, 'gus@gone.example'), 'gus');
    expect(await site.signedInName(browser)).toBe('Gus');
    await provider.close();
    const page = await site.signOut(browser);
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('may still be signed in there')]);
    expect(await site.signedInName(browser)).toBeUndefined();
  });
});

describe('a connection without its client secret', () => {
  test('reports that in a test', async () => {
    const provider = await startOidcProvider();
    const connection = await site.connect({
      name: 'Without',
      protocol: 'oidc',
      provider: 'generic',
      settings: { issuer: provider.issuer, clientId: 'rollcall' },
    });
    const test = connection.activate(async (_browser, page) => page);
    await expect(test).rejects.toThrow(/client_incomplete.*Enter the client secret/s);
    await provider.close();
  });
});

describe('an invalid logout token', () => {
  const send = (url: string, token: string) =>
    fetch(url, { method: 'POST', body: new URLSearchParams({ logout_token: token }) });

  test('is in the traces, and a client that sends a hundred of them is throttled', async () => {
    const provider = await startOidcProvider();
    const connection = await site.connect({
      name: 'Flooded',
      protocol: 'oidc',
      provider: 'generic',
      settings: { issuer: provider.issuer, clientId: 'rollcall', clientAuth: 'private_key_jwt' },
    });
    const url = connection.address('backchannelLogoutUri');
    const first = await send(url, 'not.a.token');
    expect([first.status, await first.json()]).toEqual([
      400,
      expect.objectContaining({ error: 'invalid_request' }),
    ]);
    expect(await connection.lastTrace()).toMatchObject({
      outcome: 'refused',
      reason: 'logout_token_invalid',
    });
    for (let sent = 1; sent < 100; sent += 1) await send(url, 'not.a.token');
    const last = await send(url, 'not.a.token');
    expect([last.status, last.headers.get('Retry-After')]).toEqual([429, expect.stringMatching(/^\d+$/)]);
    await provider.close();
  });
});

describe('samlp', () => {
  let provider: SamlpProvider;
  let connection: PageConnection;
  const CLAIMS = {
    nameAttribute: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
    groupAttribute: 'http://schemas.passportjs.com/groups',
  };
  const accounts = ['cleo', 'dora'].map((login) => ({
    login,
    email: `${login}@samlp.example`,
    displayName: `${login} of SAML`,
    groups: ['SAML Team', 'Nobody knows'],
  }));

  beforeAll(async () => {
    await site.owner.post('/groups', { name: 'SAML Team' });
    provider = await startSamlpProvider(await makeParty(), accounts);
    connection = await site.connect({
      name: 'Acme SAML',
      protocol: 'saml',
      provider: 'generic',
      metadataUrl: provider.metadata,
    });
    provider.client = {
      acsUrl: connection.address('acsUrl'),
      sloUrl: connection.address('sloUrl'),
      entityId: connection.address('entityId'),
      signing: connection.certificate('signing'),
      encryption: connection.certificate('encryption'),
    };
    await connection.provision({ enabled: true, ...CLAIMS });
    await connection.prove('samlp.example');
    await connection.activate((browser, page) => signInAt(browser, page, 'cleo'));
  });
  afterAll(() => provider.close());

  const completeLogin = async (browser: Browser, login = 'cleo') =>
    signInAt(browser, await toProvider(browser, `${login}@samlp.example`), login);

  test.each([
    ['a signed assertion', {}],
    ['a signed response and a signed assertion', { signResponse: true }],
    ['a signed response alone', { signResponse: true, signAssertion: false }],
    ['an encrypted assertion', { encrypted: true }],
    ['an encrypted assertion in a signed response', { encrypted: true, signResponse: true }],
  ])('signs in with %s', async (_what, wishes) => {
    provider.wishes = wishes;
    const browser = createBrowser();
    const page = await completeLogin(browser);
    provider.wishes = {};
    expect([page.url.href, page.text]).toEqual([
      `${site.publicUrl}/`,
      expect.stringContaining('Hello, cleo of SAML'),
    ]);
    expect(await groupsOf('cleo@samlp.example')).toEqual(['SAML Team']);
  });

  test.each([
    ['signs with SHA-1', { signatureAlgorithm: 'rsa-sha1' }, 'algorithm_refused'],
    ['digests with SHA-1', { digestAlgorithm: 'sha1' }, 'algorithm_refused'],
    ['signs nothing', { signAssertion: false }, 'unsigned'],
    ['means another audience', { audience: 'https://elsewhere.example' }, 'audience_mismatch'],
    ['means another address', { recipient: 'https://elsewhere.example/acs' }, 'recipient_mismatch'],
    ['reports a failure', { samlStatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Responder' }, undefined],
  ])('that %s signs no user in', async (_what, wishes, reason) => {
    provider.wishes = wishes;
    const page = await completeLogin(createBrowser());
    provider.wishes = {};
    expect(page.status).toBe(403);
    expect((await connection.lastTrace()).reason).toBe(reason ?? 'status_not_success');
  });

  test('takes a signed request in a form, too', async () => {
    await connection.change({ ssoBinding: 'post' });
    const page = await completeLogin(createBrowser());
    await connection.change({ ssoBinding: 'redirect' });
    expect(page.text).toContain('Hello, cleo of SAML');
  });

  test('rejects our request if it is not signed', async () => {
    await connection.change({ signRequests: false });
    const page = await toProvider(createBrowser(), 'cleo@samlp.example');
    await connection.change({ signRequests: true });
    expect([page.url.hostname, page.status, page.text]).toEqual([
      'localhost',
      500,
      expect.stringContaining('MUST be signed'),
    ]);
  });

  test('asks again for a step-up', async () => {
    const browser = createBrowser();
    await completeLogin(browser);
    const page = await continueLogin(browser, await site.stepUp(browser));
    expect(page.text).toContain('name="login"');
    expect((await signInAt(browser, page, 'cleo')).url.href).toBe(`${site.publicUrl}/proved`);
  });

  test.each(['redirect', 'post'] as const)(
    'ends its own session when a user signs out here, and answers by %s',
    async (binding) => {
      provider.logoutBinding = binding;
      const browser = createBrowser();
      await completeLogin(browser);
      const page = await continueLogin(browser, await site.signOut(browser));
      expect([page.url.origin, page.text]).toEqual([
        site.publicUrl,
        expect.stringContaining('You are signed out'),
      ]);
      expect((await toProvider(browser, 'cleo@samlp.example')).text).toContain('name="login"');
    },
  );

  test('receives our messages of single logout in forms if its metadata asks for that', async () => {
    await connection.change({ sloBinding: 'post' });
    provider.logoutBinding = 'post';
    const browser = createBrowser();
    await completeLogin(browser);
    const form = await site.signOut(browser);
    expect([form.url.origin, form.text]).toEqual([
      site.publicUrl,
      expect.stringMatching(/Signing out.*action="http:\/\/localhost:\d+\/slo".*name="SAMLRequest"/s),
    ]);
    expect((await continueLogin(browser, form)).text).toContain('You are signed out');
    expect((await toProvider(browser, 'cleo@samlp.example')).text).toContain('name="login"');

    const cleo = createBrowser();
    await completeLogin(cleo);
    const answer = await cleo.get(provider.sloUrl).then((page) => cleo.submit(page));
    expect(answer.text).toMatch(/action="http:\/\/localhost:\d+\/slo".*name="SAMLResponse"/s);
    const page = await continueLogin(cleo, answer);
    await connection.change({ sloBinding: 'redirect' });
    expect([page.url.hostname, page.status, await site.signedInName(cleo)]).toEqual([
      'localhost',
      200,
      undefined,
    ]);
  });

  test.each(['redirect', 'post'] as const)(
    'ends the session here when a user signs out there, by %s, and no other user’s',
    async (binding) => {
      provider.logoutBinding = binding;
      const [cleo, elsewhere] = [createBrowser(), createBrowser()];
      await completeLogin(cleo);
      await completeLogin(elsewhere);
      const page = await continueLogin(cleo, await cleo.get(provider.sloUrl));
      // Ours has answered it, and it verified the answer.
      expect([page.url.hostname, page.status]).toEqual(['localhost', 200]);
      expect([await site.signedInName(cleo), await site.signedInName(elsewhere)]).toEqual([
        undefined,
        'cleo of SAML',
      ]);
    },
  );
});
