import { type KeyObject, webcrypto } from 'node:crypto';
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  type CustomFetch,
  clockSkew,
  clockTolerance,
  customFetch,
  modifyAssertion,
  PrivateKeyJwt,
} from 'openid-client';
import type { ClientAuthentication, OidcClient } from './client.ts';
import type { OidcMetadata } from './metadata.ts';
import { SKEW_SECONDS } from './verify-token.ts';

/**
 * A connection as openid-client wants it. It reaches the network only through `fetch`, which also guards the
 * addresses and the time; the library's own rule against http:// is lifted for an issuer that discovery took
 * without TLS, which is on this machine.
 */
export async function configure(client: OidcClient, fetch: CustomFetch, now: Date): Promise<Configuration> {
  const { metadata, clientId, auth } = client;
  const configuration = new Configuration(
    {
      ...metadata,
      id_token_signing_alg_values_supported: [...metadata.id_token_signing_alg_values_supported],
      token_endpoint_auth_methods_supported: [...metadata.token_endpoint_auth_methods_supported],
    },
    clientId,
    {
      [clockSkew]: Math.round((now.getTime() - Date.now()) / 1_000),
      [clockTolerance]: SKEW_SECONDS,
    },
    await authentication(auth, metadata),
  );
  configuration[customFetch] = fetch;
  configuration.timeout = 0;
  if (metadata.issuer.startsWith('http:')) allowInsecureRequests(configuration);
  return configuration;
}

async function authentication(auth: ClientAuthentication, metadata: OidcMetadata): Promise<ClientAuth> {
  if (auth.method !== 'private_key_jwt') {
    return auth.method === 'client_secret_basic'
      ? ClientSecretBasic(auth.secret)
      : ClientSecretPost(auth.secret);
  }
  const { key, kid, certificate, audience = 'token_endpoint' } = auth;
  return PrivateKeyJwt(
    { key: await forSigning(key), kid },
    {
      [modifyAssertion]: (header, payload) => {
        header['typ'] = 'JWT';
        payload['aud'] = audience === 'issuer' ? metadata.issuer : metadata.token_endpoint;
        if (certificate === undefined) return;
        header['x5t'] = thumbprint(certificate.fingerprint);
        header['x5t#S256'] = thumbprint(certificate.fingerprint256);
      },
    },
  );
}

const forSigning = (key: KeyObject): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey(
    'pkcs8',
    key.export({ type: 'pkcs8', format: 'der' }),
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    false,
    ['sign'],
  );

/** From `AA:BB:…`. RFC 7515 §4.1.7, §4.1.8. */
const thumbprint = (fingerprint: string): string =>
  Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
