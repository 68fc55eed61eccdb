import { sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { Party } from './party.ts';

export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

/** The parts of a query, whoever signs it. */
export interface Query {
  readonly parameter?: 'SAMLRequest' | 'SAMLResponse';
  readonly relayState?: string;
  readonly algorithm?: string;
  readonly hash?: string;
  /** Instead of percent-encoding in upper case. */
  readonly encode?: (text: string) => string;
}

/** Signs a message for the redirect binding, as a provider does. */
export function signQuery(xml: string, party: Party, query: Query = {}): string {
  return signOctets(deflateRawSync(Buffer.from(xml)), party, query);
}

/** Signs what may be no message at all. */
export function signOctets(octets: Buffer, party: Party, query: Query = {}): string {
  const { parameter = 'SAMLRequest', relayState, algorithm = RSA_SHA256, hash = 'sha256' } = query;
  const encode = query.encode ?? encodeURIComponent;
  const signed = [
    `${parameter}=${encode(octets.toString('base64'))}`,
    ...(relayState === undefined ? [] : [`RelayState=${encode(relayState)}`]),
    `SigAlg=${encode(algorithm)}`,
  ].join('&');
  return `${signed}&Signature=${encode(signatureOf(signed, party, hash))}`;
}

/** The signature over a query, in base64. */
export function signatureOf(signed: string, party: Party, hash = 'sha256'): string {
  return sign(hash, Buffer.from(signed), party.privateKey).toString('base64');
}
