import type { RelyingParty } from '../../src/oidc/relying-party.ts';
import {
  type Outbound,
  type OutboundRequest,
  outboundUrlProblem,
} from '../../src/platform/http-client/http-client.ts';
import {
  createProviderReader,
  type MadeKey,
  type ProviderReader,
} from '../../src/sso/administration/provider-reader.ts';
import { SsoError } from '../../src/sso/sso-error.ts';

/** What an address answers with. */
interface Answer {
  readonly status?: number;
  readonly xml?: string;
  readonly etag?: string;
}

/** The reader of the product, with a network that is a map. */
export interface TestProviders {
  readonly reader: ProviderReader;
  /** What addresses of metadata answer; a function decides anew each time. */
  readonly addresses: Map<string, Answer | (() => Promise<Answer>)>;
  /** The requests, in order. */
  readonly requested: { readonly url: string; readonly etag: string | undefined }[];
  /** OpenID Connect providers that are there. */
  readonly issuers: Set<string>;
}

const keys = new Map<string, Promise<MadeKey>>();

export function createTestProviders(now: () => Date = () => new Date()): TestProviders {
  const addresses: TestProviders['addresses'] = new Map();
  const requested: { url: string; etag: string | undefined }[] = [];
  const issuers = new Set<string>();
  const fetchFollowing = async (url: string, { headers = {} }: OutboundRequest) => {
    const etag = headers['If-None-Match'];
    requested.push({ url, etag });
    const found = addresses.get(url) ?? { status: 404 };
    const answer = typeof found === 'function' ? await found() : found;
    const unchanged = etag !== undefined && etag === answer.etag;
    return {
      status: unchanged ? 304 : (answer.status ?? 200),
      headers: new Map(answer.etag === undefined ? [] : [['etag', answer.etag]]),
      body: Buffer.from(answer.xml ?? ''),
    };
  };
  const urlProblem = (url: string, httpsOnly?: boolean) => outboundUrlProblem(url, false, httpsOnly);
  const discover = async (issuer: string) => {
    if (!issuers.has(issuer)) throw new SsoError('provider_unreachable', 'The provider does not answer.');
  };
  const real = createProviderReader({
    outbound: { fetchFollowing, urlProblem } as unknown as Outbound,
    relyingParty: { discover } as unknown as RelyingParty,
    now,
    allowPrivate: false,
  });
  // A key takes a good part of a second: two of each use, in turn, are enough for a test.
  const made = { signing: 0, encryption: 0 };
  const makeKey: ProviderReader['makeKey'] = (use) => {
    made[use] += 1;
    const name = `${use} ${made[use] % 2}`;
    const key = keys.get(name) ?? real.makeKey(use);
    keys.set(name, key);
    return key;
  };
  return { reader: { ...real, makeKey }, addresses, requested, issuers };
}

/** Metadata of a SAML provider. @param certificates PEM */
export function metadataOf({
  entityId = 'https://idp.acme.example/metadata',
  ssoUrl = 'https://idp.acme.example/sso',
  sloUrl,
  sloBinding = 'Redirect',
  certificates,
  validUntil,
  cacheDuration,
}: {
  readonly entityId?: string;
  readonly ssoUrl?: string;
  readonly sloUrl?: string;
  readonly sloBinding?: 'Redirect' | 'POST';
  readonly certificates: readonly string[];
  readonly validUntil?: string;
  readonly cacheDuration?: string;
}): string {
  const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-';
  const keyDescriptors = certificates.map((pem) => {
    const base64 = pem.replace(/-----[A-Z ]+-----|\s/g, '');
    return `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
  });
  const slo =
    sloUrl === undefined
      ? ''
      : `<md:SingleLogoutService Binding="${bindings}${sloBinding}" Location="${sloUrl}"/>`;
  const until = validUntil === undefined ? '' : ` validUntil="${validUntil}"`;
  const kept = cacheDuration === undefined ? '' : ` cacheDuration="${cacheDuration}"`;
  return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"${until}${kept}><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keyDescriptors.join('')}${slo}<md:SingleSignOnService Binding="${bindings}Redirect" Location="${ssoUrl}"/></md:IDPSSODescriptor></md:EntityDescriptor>`;
}
