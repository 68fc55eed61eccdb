import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Browser, createBrowser, type Page } from '../support/browser.ts';
import { continueLogin } from '../support/interop/continue-login.ts';
import { type SimpleSamlPhp, startSimpleSamlPhp } from '../support/interop/simplesamlphp.ts';
import { type PageConnection, type Site, startSite } from '../support/interop/site.ts';
import { makeParty } from '../support/saml/party.ts';

const at = process.env['INTEROP_SIMPLESAMLPHP'];
const SHA1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';
const SHA512 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512';
const REFUSING = {
  class: 'core:PHP',
  code: "\\SimpleSAML\\Auth\\State::throwException($state, new \\SimpleSAML\\Module\\saml\\Error('urn:oasis:names:tc:SAML:2.0:status:Responder', 'urn:oasis:names:tc:SAML:2.0:status:RequestDenied', 'Not today'));",
};
const USUAL = {
  ssoBinding: 'redirect',
  signRequests: true,
  encryption: 'optional',
  allowIdpInitiated: false,
};
const ERIN = 'Hello, Erin &amp; Söhne &lt;ssp&gt;';

(at === undefined ? describe.skip : describe)('SimpleSAMLphp', () => {
  let site: Site;
  let ssp: SimpleSamlPhp;
  let connection: PageConnection;

  beforeAll(async () => {
    site = await startSite();
    ssp = await startSimpleSamlPhp(at as string, await makeParty());
    await site.owner.post('/groups', { name: 'SSP Team' });
    connection = await site.connect({
      name: 'Acme SSP',
      protocol: 'saml',
      provider: 'generic',
      metadataUrl: ssp.metadata,
    });
    await ssp.read(connection.address('metadataUrl'));
    await connection.provision({ enabled: true, emailAttribute: 'mail', groupAttribute: 'isMemberOf' });
    await connection.prove('ssp.example');
    await connection.activate(signInAt);
  });
  afterAll(async () => {
    await site?.close();
    await ssp?.close();
  });

  /** Its form, and all that follows by itself. */
  async function signInAt(browser: Browser, page: Page, username = 'erin'): Promise<Page> {
    if (!page.text.includes('name="password"')) {
      throw new Error(`It does not ask for a password: ${page.url.href} ${page.text} ${await ssp.log()}`);
    }
    return continueLogin(browser, await browser.submit(page, { username, password: `${username}-pass` }));
  }
  async function toProvider(browser: Browser): Promise<Page> {
    const form = await browser.get(`${site.publicUrl}/sign-in`);
    return continueLogin(browser, await browser.submit(form, { email: 'erin@ssp.example' }));
  }
  const arrive = async (browser: Browser, username?: string) =>
    signInAt(browser, await toProvider(browser), username);

  // Whatever a test has changed, the next one finds it as it was.
  afterEach(async () => {
    await ssp.configure({});
    await ssp.useGcm(false);
    await connection.change(USUAL);
  });

  /** What it answers with, before the browser sends it on: a page that posts by itself. */
  async function unsolicited(browser: Browser): Promise<Page> {
    const query = `spentityid=${encodeURIComponent(connection.address('entityId'))}&RelayState=/users`;
    const form = await browser.get(`${ssp.origin}/saml2/idp/SSOService.php?${query}`);
    return browser.submit(form, { username: 'erin', password: 'erin-pass' });
  }

  test('signs in: the address leads there, its form back, with name and groups', async () => {
    const page = await arrive(createBrowser());
    expect([page.url.href, page.text]).toEqual([`${site.publicUrl}/`, expect.stringContaining(ERIN)]);
    expect(await site.findUser('erin@ssp.example')).toMatchObject({
      source: 'sso',
      groups: [{ name: 'SSP Team' }],
    });
  });

  test.each([
    ['a signed response and a signed assertion', {}, false],
    ['a signed assertion alone', { 'saml20.sign.response': false }, false],
    ['a signed response alone', { 'saml20.sign.assertion': false }, false],
    ['an assertion encrypted with AES-128-CBC', { 'assertion.encryption': true }, false],
    ['an assertion encrypted with AES-256-GCM', { 'assertion.encryption': true }, true],
    [
      'an encrypted assertion, all signed with SHA-512',
      { 'assertion.encryption': true, 'signature.algorithm': SHA512 },
      false,
    ],
  ])('signs in with %s', async (_what, wishes, gcm) => {
    await ssp.configure(wishes);
    await ssp.useGcm(gcm);
    const page = await arrive(createBrowser());
    expect(page.text).toContain(ERIN);
    const { seen } = await connection.lastTrace();
    expect(JSON.stringify(seen['message'])).toContain(
      'assertion.encryption' in wishes ? (gcm ? 'aes256-gcm' : 'aes128-cbc') : 'rsa-sha256',
    );
  });

  test.each([
    ['signs with SHA-1', { 'signature.algorithm': SHA1 }, 'algorithm_refused'],
    ['signs nothing', { 'saml20.sign.assertion': false, 'saml20.sign.response': false }, 'unsigned'],
    ['answers with an error', { authproc: [REFUSING] }, 'status_not_success'],
  ])('that %s signs no user in', async (_what, wishes, reason) => {
    await ssp.configure(wishes);
    const page = await arrive(createBrowser());
    expect([page.status, (await connection.lastTrace()).reason]).toEqual([403, reason]);
  });

  test('must encrypt where that is required', async () => {
    await connection.change({ encryption: 'required' });
    const refused = await arrive(createBrowser());
    expect([refused.status, (await connection.lastTrace()).reason]).toEqual([403, 'encryption_required']);
    await ssp.configure({ 'assertion.encryption': true });
    const page = await arrive(createBrowser());
    expect(page.text).toContain(ERIN);
  });

  test('takes a signed request in a form, and none that is not signed', async () => {
    await connection.change({ ssoBinding: 'post' });
    expect((await arrive(createBrowser())).text).toContain(ERIN);
    await connection.change({ ssoBinding: 'redirect', signRequests: false });
    const refused = await toProvider(createBrowser());
    expect([refused.url.origin, refused.text]).toEqual([
      ssp.origin,
      expect.stringContaining('no signature found on message'),
    ]);
  });

  test('asks again for a step-up', async () => {
    const browser = createBrowser();
    await arrive(browser);
    const page = await signInAt(browser, await site.stepUp(browser));
    expect(page.url.href).toBe(`${site.publicUrl}/proved`);
    expect((await connection.lastTrace()).outcome).toBe('proved');
  });

  test('cannot begin a sign-in itself unless that is on', async () => {
    const browser = createBrowser();
    const page = await continueLogin(browser, await unsolicited(browser));
    expect([page.status, (await connection.lastTrace()).reason]).toEqual([403, 'idp_initiated_off']);
  });

  test('begins a sign-in itself where that is on, once with each response', async () => {
    await connection.change({ allowIdpInitiated: true });
    const browser = createBrowser();
    const response = await unsolicited(browser);
    const page = await continueLogin(browser, response);
    expect([page.url.href, await site.signedInName(browser)]).toEqual([
      `${site.publicUrl}/users`,
      'Erin &amp; Söhne &lt;ssp&gt;',
    ]);
    const other = createBrowser();
    const again = await continueLogin(other, response);
    expect([again.status, (await connection.lastTrace()).reason]).toEqual([403, 'replayed']);
    expect(await site.signedInName(other)).toBeUndefined();
  });

  describe.each(['Redirect', 'POST'])('single logout by %s', (binding) => {
    beforeEach(async () => {
      const endpoint = {
        Binding: `urn:oasis:names:tc:SAML:2.0:bindings:HTTP-${binding}`,
        Location: connection.address('sloUrl'),
      };
      await ssp.configure({ SingleLogoutService: [endpoint] });
    });

    test('ends its own session when a user signs out here, and comes back', async () => {
      const browser = createBrowser();
      await arrive(browser);
      const page = await continueLogin(browser, await site.signOut(browser));
      expect([page.url.origin, page.text]).toEqual([
        site.publicUrl,
        expect.stringContaining('You are signed out'),
      ]);
      expect((await toProvider(browser)).text).toContain('name="password"');
    });

    test('ends the session here when a user signs out there, and no other user’s', async () => {
      const [erin, elsewhere, fred] = [createBrowser(), createBrowser(), createBrowser()];
      await arrive(erin);
      await arrive(elsewhere);
      await arrive(fred, 'fred');
      const done = encodeURIComponent(ssp.metadata);
      const page = await continueLogin(
        erin,
        await erin.get(`${ssp.origin}/saml2/idp/initSLO.php?RelayState=${done}`),
      );
      // Ours has answered, and it verified the answer.
      expect([page.url.href, page.status]).toEqual([ssp.metadata, 200]);
      expect([
        await site.signedInName(erin),
        await site.signedInName(elsewhere),
        await site.signedInName(fred),
      ]).toEqual([undefined, 'Erin &amp; Söhne &lt;ssp&gt;', 'Fred']);
    });
  });
});
