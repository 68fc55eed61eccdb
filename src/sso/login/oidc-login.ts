import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import { requireClaims } from '../../oidc/claims.ts';
import { type OidcClient, readClientKey } from '../../oidc/client.ts';
import type { RelyingParty, VerifiedTokens } from '../../oidc/relying-party.ts';
import { addressesOf } from '../addresses.ts';
import { SsoError } from '../sso-error.ts';
import { type IdpAttribute, mapAttributes, maskAttributes, maskValue } from './attributes.ts';
import type { SsoLogin, UsedRequest } from './sso-logins.ts';
import {
  type BegunLogin,
  type Destination,
  type LoginRedirect,
  type OidcConnection,
  requiresFreshLogin,
  signingKeyOf,
  type VerifiedLogin,
} from './types.ts';

/** The key of a request: what is kept of `state` cannot be sent back. */
export const stateKey = (state: string): string => createHash('sha256').update(state).digest('hex');

/** We, as a client of the connection's provider. @throws SsoError */
export async function clientOfProvider(
  relyingParty: RelyingParty,
  connection: OidcConnection,
): Promise<OidcClient> {
  const { settings, clientSecret } = connection;
  const metadata = await relyingParty.describe(settings.issuer);
  const shared = {
    connectionId: connection.id,
    metadata,
    clientId: settings.clientId,
    scopes: settings.scopes,
  };
  if (settings.clientAuth === 'private_key_jwt') {
    const key = signingKeyOf(connection);
    if (key === undefined) throw new SsoError('client_incomplete', 'The connection has no key to sign with.');
    const auth = {
      method: 'private_key_jwt',
      ...(await readClientKey(key.privateKeyPem)),
      certificate: new X509Certificate(key.certificatePem),
    } as const;
    return { ...shared, auth };
  }
  if (clientSecret === undefined)
    throw new SsoError('client_incomplete', 'The connection has no client secret.');
  return { ...shared, auth: { method: settings.clientAuth, secret: clientSecret } };
}

/** Begins a sign-in at an OpenID Connect provider. @throws SsoError */
export async function beginOidc(
  relyingParty: RelyingParty,
  connection: OidcConnection,
  { purpose, loginHint }: LoginRedirect,
  publicUrl: string,
): Promise<BegunLogin> {
  const client = await clientOfProvider(relyingParty, connection);
  const again = requiresFreshLogin(purpose) || connection.settings.forceAuthn;
  const { url, state, nonce, codeVerifier } = await relyingParty.begin(client, {
    redirectUri: addressesOf(publicUrl, connection.id).oidcCallback,
    ...(again ? { prompt: 'login', maxAge: 0 } : {}),
    ...(loginHint === undefined ? {} : { loginHint }),
  });
  return {
    key: stateKey(state),
    payload: { state, nonce, codeVerifier, ...(again ? { maxAge: '0' } : {}) },
    to: { url },
  };
}

/**
 * Reads what an OpenID Connect provider has proved.
 * @param callback the address that the browser came back to
 * @throws SsoError
 */
export async function verifyOidcLogin(
  relyingParty: RelyingParty,
  connection: OidcConnection,
  callback: URL,
  { row, payload }: UsedRequest,
  publicUrl: string,
): Promise<VerifiedLogin> {
  const { provisioning } = connection;
  const client = await clientOfProvider(relyingParty, connection);
  const { state = '', nonce = '', codeVerifier = '', maxAge } = payload;
  const tokens = await relyingParty.complete(client, {
    callbackUrl: callback,
    redirectUri: addressesOf(publicUrl, connection.id).oidcCallback,
    state,
    nonce,
    codeVerifier,
    startedAt: new Date(row.createdAt),
    neededClaims: neededClaims(connection),
    ...(provisioning.groupAttribute === null ? {} : { groupsClaim: provisioning.groupAttribute }),
    ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
  });
  requireClaims(tokens.issuer, tokens.claims, connection.settings.requiredClaims);
  const present = [...tokens.claims].map(([name, values]) => ({ name, friendlyName: undefined, values }));
  return {
    identity: identityOf(tokens, present, connection),
    replay: undefined,
    certificate: undefined,
    seen: {
      issuer: tokens.issuer,
      subject: maskValue(tokens.subject),
      attributes: maskAttributes(present, provisioning),
      ...(tokens.groupsOverage ? { groupsOverage: true } : {}),
    } satisfies SsoLogin['seen'],
  };
}

/** Claims to fetch from the userinfo endpoint if the ID token lacks them. */
function neededClaims({ provisioning }: OidcConnection): string[] {
  const { emailAttribute, nameAttribute, groupAttribute } = provisioning;
  return [emailAttribute, nameAttribute, groupAttribute].filter((name) => name !== null);
}

function identityOf(
  tokens: VerifiedTokens,
  present: readonly IdpAttribute[],
  { provisioning }: OidcConnection,
): VerifiedLogin['identity'] {
  const mapped = mapAttributes(present, provisioning);
  return {
    subject: tokens.subject,
    subjectAsSent: tokens.subject,
    subjectIsAddress: false,
    email: mapped.email,
    emailVerified: tokens.emailVerified,
    name: mapped.name,
    externalId: mapped.externalId ?? tokens.subject,
    groups: tokens.groupsOverage ? undefined : mapped.groups,
    groupsOverage: tokens.groupsOverage,
    authenticatedAt: tokens.authTime,
    sessionIndex: tokens.sid,
    expiresAt: undefined,
    logoutHint: tokens.idToken,
  };
}

/**
 * Where a sign-out that began here continues (RP-Initiated Logout 1.0). The metadata is fetched again, so that no
 * user is sent to a provider that does not answer.
 * @returns undefined if it has no such endpoint @throws SsoError
 */
export async function logoutFromOidc(
  relyingParty: RelyingParty,
  { id, settings: { issuer, clientId } }: OidcConnection,
  idToken: string,
  publicUrl: string,
): Promise<Destination | undefined> {
  const metadata = await relyingParty.discover(issuer);
  const postLogoutRedirectUri = addressesOf(publicUrl, id).signedOut;
  const url = relyingParty.endSessionUrl(
    { metadata, clientId },
    {
      idTokenHint: idToken,
      postLogoutRedirectUri,
      state: randomUUID(),
    },
  );
  return url === undefined ? undefined : { url };
}
