import { sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { type MessageParameter, RSA_SHA256 } from './bindings.ts';
import type { ServiceProviderKey } from './service-provider-keys.ts';

/**
 * The URL that carries a message (Bindings §3.4.4): the endpoint's own query is kept in front. The signature
 * covers the parameters exactly as they are in the URL.
 */
export function presentRedirect(
  address: string,
  parameter: MessageParameter,
  xml: string,
  relayState: string | undefined,
  key: ServiceProviderKey | undefined,
): string {
  const message = deflateRawSync(Buffer.from(xml, 'utf8')).toString('base64');
  const parts = [`${parameter}=${encode(message)}`];
  if (relayState !== undefined) parts.push(`RelayState=${encode(relayState)}`);
  if (key !== undefined) {
    parts.push(`SigAlg=${encode(RSA_SHA256)}`);
    const signature = sign('sha256', Buffer.from(parts.join('&'), 'ascii'), key.privateKeyPem);
    parts.push(`Signature=${encode(signature.toString('base64'))}`);
  }
  return `${address}${joint(address)}${parts.join('&')}`;
}

function joint(address: string): string {
  if (!address.includes('?')) return '?';
  return /[?&]$/.test(address) ? '' : '&';
}

/** A browser would encode `'` itself, and the signature would be over something else. */
function encode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
