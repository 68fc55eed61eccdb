import { randomBytes } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { uuidv7 } from '../../src/platform/ids.ts';
import { createSecretBox } from '../../src/platform/secret-box.ts';
import { makeServiceProviderKey } from '../../src/saml/service-provider.ts';
import { sealPrivateKey } from '../../src/sso/secrets.ts';
import type { Browser, Page } from './browser.ts';
import type { TestOrganization, TestRollcall } from './rollcall.ts';
import { type Content, honest } from './saml/content.ts';
import { makeParty, type Party } from './saml/party.ts';
import { encode, issue, PROVIDERS } from './saml/providers.ts';

/** What every test of a run seals with, so that a connection can be written into the database. */
export const SECRET_KEY = randomBytes(32);

/** An identity provider of a test, and the connection that trusts it. */
export interface TestProvider {
  readonly connection: string;
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly party: Party;
  readonly publicUrl: string;
  /** A response as it would issue it, now. */
  respond(change?: Partial<Content>): string;
  /** Begins a sign-in in a browser. @returns the request that the provider gets */
  begin(browser: Browser, query?: string): Promise<SentRequest>;
  /** The provider's page posts a response to us, and the browser continues. */
  post(browser: Browser, response: string, relayState?: string): Promise<Page>;
  /** A whole sign-in: begin, respond, post. */
  signIn(browser: Browser, change?: Partial<Content>): Promise<Page>;
}

export interface SentRequest {
  readonly id: string;
  readonly xml: string;
  readonly url: URL;
}

const now = () => new Date();

let keys: ReturnType<typeof makeServiceProviderKey> | undefined;

/** Connects a SAML provider of the test's own to an organization. */
export async function connectSaml(
  rollcall: TestRollcall,
  organization: TestOrganization,
  options: {
    readonly settings?: object;
    readonly provisioning?: object;
    readonly state?: string;
    /** Domains that the connection has proved. */
    readonly domains?: readonly string[];
    readonly enforced?: boolean;
    readonly connection?: string;
    readonly provider?: string;
    readonly party?: Party;
  } = {},
): Promise<TestProvider> {
  const { db } = rollcall.rollcall;
  const seal = createSecretBox({ current: SECRET_KEY, previous: [] });
  const connection = options.connection ?? uuidv7();
  const party = options.party ?? (await makeParty());
  const host = `idp-${randomBytes(4).toString('hex')}.example`;
  const [entityId, ssoUrl] = [`https://${host}/metadata`, `https://${host}/sso`];
  const publicUrl = rollcall.base.replace(/\/scim\/v2$/, '');
  const run = (text: string, values: readonly unknown[]) => db.search(text, values);
  if (options.connection === undefined) {
    await run('insert into connections (org_id, id, name, created_at) values ($1, $2, $3, now())', [
      organization.org,
      connection,
      'Acme Okta',
    ]);
  }
  const settings = { entityId, ssoUrl, sloUrl: `https://${host}/slo`, ...options.settings };
  await run(
    `insert into sso_connections (org_id, connection_id, protocol, provider, state, settings, provisioning, created_at, updated_at)
     values ($1, $2, 'saml', 'okta', $3, $4, $5, now(), now())`,
    [organization.org, connection, options.state ?? 'active', settings, options.provisioning ?? {}],
  );
  const { certificate, fingerprint, certificatePem } = party;
  await run(
    `insert into sso_certificates (org_id, connection_id, fingerprint, pem, subject, not_before, not_after, source, added_at)
     values ($1, $2, $3, $4, 'CN=idp', $5, $6, 'upload', now())`,
    [organization.org, connection, fingerprint, certificatePem, certificate.validFrom, certificate.validTo],
  );
  keys ??= makeServiceProviderKey('signing', now());
  const own = await keys;
  for (const use of ['signing', 'encryption']) {
    const id = uuidv7();
    await run(
      `insert into sso_keys (org_id, connection_id, id, use, sealed_private_key, certificate, created_at)
       values ($1, $2, $3, $4, $5, $6, now())`,
      [
        organization.org,
        connection,
        id,
        use,
        sealPrivateKey(seal, connection, id, own.privateKeyPem),
        own.certificatePem,
      ],
    );
  }
  for (const domain of options.domains ?? []) {
    await run(
      `insert into sso_domains (org_id, domain, connection_id, token, enforced, created_at, verified_at)
       values ($1, $2, $3, 'x', $4, now(), now())`,
      [organization.org, domain, connection, options.enforced ?? false],
    );
    await run('insert into verified_domains (domain, org_id) values ($1, $2)', [domain, organization.org]);
  }

  return playProvider({
    connection,
    entityId,
    ssoUrl,
    party,
    publicUrl,
    product: options.provider ?? 'Okta',
  });
}

/** Plays the SAML provider of a connection that is there, however it came to be. */
export function playProvider({
  connection,
  entityId,
  ssoUrl,
  party,
  publicUrl,
  product = 'Okta',
}: Pick<TestProvider, 'connection' | 'entityId' | 'ssoUrl' | 'party' | 'publicUrl'> & {
  readonly product?: string;
}): TestProvider {
  const host = new URL(ssoUrl).hostname;
  const acsUrl = `${publicUrl}/sso/saml/${connection}/acs`;
  const respond: TestProvider['respond'] = (change = {}) => {
    const unique = randomBytes(8).toString('hex');
    const content = honest({
      responseId: `_r${unique}`,
      assertionId: `_a${unique}`,
      inResponseTo: undefined,
      issuer: entityId,
      acsUrl,
      audience: `${publicUrl}/sso/saml/${connection}`,
      now: now(),
      ...change,
    });
    return encode(issue(PROVIDERS[product] as (typeof PROVIDERS)[string], content, party));
  };
  const begin: TestProvider['begin'] = async (browser, query = '') => {
    const page = await browser.get(`${publicUrl}/sso/${connection}/start${query}`, {
      stopAt: ({ hostname }) => hostname === host,
    });
    const message = page.url.searchParams.get('SAMLRequest');
    if (message === null)
      throw new Error(`No request was sent: ${page.status} ${page.url.href} ${page.text}`);
    const xml = inflateRawSync(Buffer.from(message, 'base64')).toString('utf8');
    return { id: / ID="([^"]+)"/.exec(xml)?.[1] as string, xml, url: page.url };
  };
  const post: TestProvider['post'] = async (browser, response, relayState) => {
    const relay = relayState === undefined ? '' : `<input name="RelayState" value="${relayState}">`;
    const text = `<form method="post" action="${acsUrl}"><input name="SAMLResponse" value="${response}">${relay}</form>`;
    const theirs: Page = { url: new URL(ssoUrl), status: 200, headers: {}, text };
    const answer = await browser.submit(theirs);
    // Our own page sends the form on by itself where there are scripts.
    return answer.text.includes('name="hop"') ? browser.submit(answer) : answer;
  };
  return {
    connection,
    entityId,
    ssoUrl,
    party,
    publicUrl,
    respond,
    begin,
    post,
    signIn: async (browser, change) => {
      const { id } = await begin(browser);
      return post(browser, respond({ inResponseTo: id, ...change }));
    },
  };
}
