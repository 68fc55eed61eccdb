import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  type X509Certificate,
} from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, exportJWK, type JSONWebKeySet } from 'jose';
import type { OidcMetadata } from './metadata.ts';

/** A connection to one provider, and this application as that provider knows it. */
export interface OidcClient {
  /** The connection's id: the provider's keys are cached per connection. */
  readonly connectionId: string;
  readonly metadata: OidcMetadata;
  readonly clientId: string;
  readonly auth: ClientAuthentication;
  /** `openid` is always requested. */
  readonly scopes: readonly string[];
}

/** How the token endpoint knows that it is us (OpenID Connect Core 1.0 §9). */
export type ClientAuthentication =
  | {
      readonly method: 'private_key_jwt';
      /** RSA, private, of this connection alone. */
      readonly key: KeyObject;
      readonly kid: string;
      /** For Entra, which knows keys by certificate: its thumbprints go into the header. */
      readonly certificate?: X509Certificate;
      /**
       * The audience of the assertion. Default `token_endpoint`, the only one that Okta and Entra accept. No
       * two connections share a key, so an assertion for one provider is useless at another.
       */
      readonly audience?: 'token_endpoint' | 'issuer';
    }
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: string };

/** The key with which a connection authenticates as a client by `private_key_jwt`. */
interface ClientKey {
  readonly key: KeyObject;
  /** The key's thumbprint (RFC 7638), so that it needs no place of its own. */
  readonly kid: string;
}

/** Makes one: RSA with 2048 bits, for RS256, which every provider takes; Entra takes no other kind of key. */
export async function createClientKey(): Promise<ClientKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2_048 });
  return withKid(privateKey);
}

/**
 * Reads one that was kept as PEM (`key.export({ type: 'pkcs8', format: 'pem' })`).
 * @throws Error if it is no private RSA key of at least 2048 bits
 */
export async function readClientKey(pem: string): Promise<ClientKey> {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2_048) {
    throw new Error('The client key must be RSA with at least 2048 bits.');
  }
  return withKid(key);
}

/** The public halves, for the provider to fetch or to be pasted there: during a rotation the old and the new one. */
export async function clientJwks(keys: readonly ClientKey[]): Promise<JSONWebKeySet> {
  const published = keys.map(async ({ key, kid }) => {
    const { kty = '', n = '', e = '' } = await exportJWK(createPublicKey(key));
    return { kty, n, e, kid, use: 'sig', alg: 'RS256' };
  });
  return { keys: await Promise.all(published) };
}

async function withKid(key: KeyObject): Promise<ClientKey> {
  return { key, kid: await calculateJwkThumbprint(await exportJWK(createPublicKey(key))) };
}
