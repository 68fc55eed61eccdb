import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JSONWebKeySet, JWTPayload } from 'jose';

/** A key that a provider may sign with. */
export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly key: KeyObject;
}

export type Json = Readonly<Record<string, unknown>>;

/** A provider that does whatever it is notified, on loopback. */
export interface HostileProvider {
  readonly issuer: string;
  /** Its own key, `k1`, RS256; published unless `keys` is replaced. */
  readonly key: SigningKey;
  /** What it publishes. */
  keys: JSONWebKeySet | Json;
  /** What its discovery document says, beside or instead of the usual. */
  metadata: Json;
  /** What the token endpoint answers beside or instead of the usual; `id_token` is a good one. */
  tokens: Json;
  userinfo: Json;
  /** What a path answers instead, as `/token`. */
  readonly answers: Map<string, RequestListener>;
  /** The paths that were asked for, in order. */
  readonly requested: string[];
  /** The claims of a good ID token, and these. */
  claims(changes?: Json): JWTPayload;
  /** An ID token of those claims, signed with its own key. */
  idToken(changes?: Json, header?: Json): string;
  /** As on the first day. */
  reset(): void;
  close(): Promise<void>;
}

export const CLIENT_ID = 'rollcall';
export const NONCE = 'nonce-of-the-sign-in';
const ACCESS_TOKEN = 'access-token-of-the-sign-in';

/** Starts one; `close` it in afterAll, `reset` it in beforeEach. */
export async function startHostileProvider(): Promise<HostileProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const key = createSigningKey('RS256', 'k1');
  const own: HostileProvider = {
    issuer,
    key,
    keys: { keys: [publicJwk(key)] },
    metadata: {},
    tokens: {},
    userinfo: {},
    answers: new Map(),
    requested: [],
    claims: (changes = {}) => {
      const now = Math.floor(Date.now() / 1_000);
      const good = { iss: issuer, aud: CLIENT_ID, sub: 'u-1', nonce: NONCE, iat: now, exp: now + 300 };
      return { ...good, ...changes };
    },
    idToken: (changes, header) => signJwt(own.claims(changes), key, header),
    reset: () => {
      Object.assign(own, { keys: { keys: [publicJwk(key)] }, metadata: {}, tokens: {}, userinfo: {} });
      own.answers.clear();
      own.requested.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const usual: Readonly<Record<string, () => unknown>> = {
    '/.well-known/openid-configuration': () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      userinfo_endpoint: `${issuer}/userinfo`,
      response_types_supported: ['code'],
      id_token_signing_alg_values_supported: ['RS256'],
      ...own.metadata,
    }),
    '/keys': () => own.keys,
    '/token': () => ({
      access_token: ACCESS_TOKEN,
      token_type: 'Bearer',
      id_token: own.idToken(),
      ...own.tokens,
    }),
    '/userinfo': () => ({ sub: 'u-1', ...own.userinfo }),
  };
  server.on('request', (request, response) => {
    const path = request.url ?? '';
    own.requested.push(path);
    const other = own.answers.get(path);
    if (other !== undefined) {
      other(request, response);
      return;
    }
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(usual[path]?.()));
  });
  return own;
}

/** Makes one; RSA with 2048 bits by default. */
export function createSigningKey(alg: string, kid: string, modulusLength = 2_048): SigningKey {
  if (alg === 'EdDSA') return { alg, kid, key: generateKeyPairSync('ed25519').privateKey };
  if (alg.startsWith('ES')) {
    const namedCurve = alg === 'ES384' ? 'P-384' : 'P-256';
    return { alg, kid, key: generateKeyPairSync('ec', { namedCurve }).privateKey };
  }
  return { alg, kid, key: generateKeyPairSync('rsa', { modulusLength }).privateKey };
}

export function publicJwk({ key, kid, alg }: SigningKey): Json & { readonly kty: string } {
  const { kty = '', ...jwk } = createPublicKey(key).export({ format: 'jwk' });
  return { ...jwk, kty, kid, alg, use: 'sig' };
}

/** A signed JWT; `header` may say anything. */
export function signJwt(claims: unknown, { key, kid, alg }: SigningKey, header: Json = {}): string {
  const input = unsignedJwt({ alg, kid, typ: 'JWT', ...header }, claims);
  const data = Buffer.from(input.slice(0, -1));
  const hash = alg === 'EdDSA' ? undefined : `sha${alg.slice(2)}`;
  const padding = alg.startsWith('PS') ? { padding: 6, saltLength: Number(alg.slice(2)) / 8 } : {};
  const signature = sign(hash, data, { key, dsaEncoding: 'ieee-p1363', ...padding });
  return input + signature.toString('base64url');
}

/** A JWT whose "secret" is whatever it is. */
export function hmacJwt(claims: unknown, secret: string | Buffer, header: Json = {}): string {
  const input = unsignedJwt({ alg: 'HS256', typ: 'JWT', ...header }, claims);
  return input + createHmac('sha256', secret).update(input.slice(0, -1)).digest('base64url');
}

/** Ends with a dot: the signature is missing. */
export function unsignedJwt(header: unknown, claims: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.`;
}
