import type { IncomingMessage } from '../../../src/saml/logout.ts';
import { SsoError } from '../../../src/sso/sso-error.ts';
import type { Party } from './party.ts';
import { signQuery } from './redirect.ts';
import { sign } from './sign.ts';

const NOW = new Date('2026-11-27T12:00:00Z');
export const THEM = 'https://idp.example/metadata';
export const SLO = 'https://rollcall.example/sso/saml/c1/slo';
export const NAMESPACES =
  'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';
export const NAME_ID = '<saml:NameID>alice@example.com</saml:NameID>';

/** A time so many minutes from now. */
export const minutes = (count: number): string => new Date(NOW.getTime() + count * 60_000).toISOString();

/** What may be wrong with a message of single logout; everything else is right. */
export interface Flaws {
  readonly name?: string;
  readonly id?: string;
  readonly version?: string;
  readonly issued?: string;
  readonly destination?: string | null;
  readonly issuer?: string | null;
  readonly attributes?: string;
  readonly content?: string;
}

/** A LogoutRequest of a provider. */
export function request({
  name = 'LogoutRequest',
  id = '_m1',
  version = '2.0',
  issued = minutes(0),
  destination = SLO,
  issuer = THEM,
  attributes = '',
  content = NAME_ID,
}: Flaws = {}): string {
  const to = destination === null ? '' : ` Destination="${destination}"`;
  const from = issuer === null ? '' : `<saml:Issuer>${issuer}</saml:Issuer>`;
  return `<samlp:${name} ${NAMESPACES} ID="${id}" Version="${version}" IssueInstant="${issued}"${to} ${attributes}>${from}${content}</samlp:${name}>`;
}

/** A LogoutResponse of a provider. */
export const response = (flaws: Flaws = {}): string =>
  request({
    name: 'LogoutResponse',
    attributes: 'InResponseTo="_q1"',
    content: status('Success'),
    ...flaws,
  });

export function status(code: string, second = ''): string {
  const inner =
    second === '' ? '' : `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${second}"/>`;
  return `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${code}">${inner}</samlp:StatusCode></samlp:Status>`;
}

export const post = (xml: string): IncomingMessage => ({
  binding: 'post',
  value: Buffer.from(xml).toString('base64'),
});

export const redirect = (
  xml: string,
  by: Party,
  parameter: 'SAMLRequest' | 'SAMLResponse' = 'SAMLRequest',
): IncomingMessage => ({ binding: 'redirect', query: signQuery(xml, by, { parameter }) });

/** Signs the root of a message, whatever it is. */
export function signed(xml: string, by: Party): string {
  return sign(xml, /<samlp:(\w+)/.exec(xml)?.[1] ?? '', by, { prefix: 'ds' });
}

/** What a message must fit here. */
export const expecting = (...certificates: readonly Party[]) => ({
  idp: { entityId: THEM, certificates },
  destination: SLO,
  now: NOW,
});

/** Why something is rejected, or `accepted`. */
export function reasonOf(verify: () => unknown): string {
  try {
    verify();
  } catch (error) {
    if (error instanceof SsoError) return error.reason;
    throw error;
  }
  return 'accepted';
}
