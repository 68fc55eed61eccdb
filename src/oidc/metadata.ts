import { z } from 'zod';
import type { Outbound } from '../platform/http-client/http-client.ts';
import { SsoError } from '../sso/sso-error.ts';
import { askProvider, parseAnswer, quoted } from './ask-provider.ts';

const MAX_BYTES = 128 * 1024;

const endpoint = z.string().max(2_048);
const optional = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);
const names = z.array(z.string().max(256)).max(256);
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

const schema = z.object({
  issuer: z.string(),
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  jwks_uri: endpoint,
  userinfo_endpoint: optional(endpoint),
  end_session_endpoint: optional(endpoint),
  id_token_signing_alg_values_supported: names,
  token_endpoint_auth_methods_supported: names
    .nullish()
    .transform((value) => value ?? ['client_secret_basic']),
  authorization_response_iss_parameter_supported: flag,
  backchannel_logout_supported: flag,
  backchannel_logout_session_supported: flag,
  // Looked at and not kept.
  response_types_supported: optional(names),
  code_challenge_methods_supported: optional(names),
});

/**
 * The parts of a provider's metadata that we use, under their own names (OpenID Connect Discovery 1.0 §3,
 * RFC 9207 §3, Back-Channel Logout 1.0 §2.1). Plain JSON, to be kept with the connection.
 */
export interface OidcMetadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
  readonly userinfo_endpoint?: string;
  readonly end_session_endpoint?: string;
  /** Those of the provider's that are accepted here; never empty. */
  readonly id_token_signing_alg_values_supported: readonly string[];
  readonly token_endpoint_auth_methods_supported: readonly string[];
  readonly authorization_response_iss_parameter_supported: boolean;
  readonly backchannel_logout_supported: boolean;
  readonly backchannel_logout_session_supported: boolean;
}

const WELL_KNOWN = '/.well-known/openid-configuration';

/**
 * Reads a provider's discovery document.
 * @param issuer exactly as the provider writes it in `iss`
 * @throws SsoError `provider_unreachable`, or `provider_misconfigured` with what is wrong
 */
export async function discoverProvider(outbound: Outbound, issuer: string): Promise<OidcMetadata> {
  checkIssuer(outbound, issuer);
  const url = issuer.replace(/\/$/, '') + WELL_KNOWN;
  const answer = await askProvider(outbound, 'discovery document', url, {
    maxBytes: MAX_BYTES,
    headers: { Accept: 'application/json' },
  });
  const parsed = schema.safeParse(parseAnswer('discovery document', answer));
  if (!parsed.success) {
    const name = parsed.error.issues[0]?.path[0];
    throw misconfigured(
      `The discovery document has no usable ${name === undefined ? 'content' : String(name)}.`,
    );
  }
  const found = parsed.data;
  if (found.issuer !== issuer) {
    throw misconfigured(
      `The discovery document names the issuer ${quoted(found.issuer)}; configure exactly that.`,
    );
  }
  return checked(outbound, found);
}

/** Entra's addresses that stand for many tenants; their tokens name another issuer each (docs/sso-design.md §2.2). */
const ENTRA_HOST = /^login\.(microsoftonline\.(com|us|de)|partner\.microsoftonline\.cn|windows\.net)$/;
const ENTRA_MANY = /^\/(common|organizations|consumers|(\{|%7b)tenantid(\}|%7d))(\/|$)/i;

function checkIssuer(outbound: Outbound, issuer: string): void {
  const problem = outbound.urlProblem(issuer, true);
  if (problem !== undefined) throw misconfigured(`The issuer: ${problem}`);
  const { hostname, pathname, search, hash } = new URL(issuer);
  if (search !== '' || hash !== '' || /[?#]$/.test(issuer)) {
    throw misconfigured('The issuer must have no query and no fragment.');
  }
  if (issuer.includes('/.well-known/')) {
    throw misconfigured('The issuer is the address before /.well-known/.');
  }
  if (ENTRA_HOST.test(hostname) && ENTRA_MANY.test(pathname)) {
    throw misconfigured(
      'This address stands for every Entra tenant. Configure one connection per tenant, with the issuer https://login.microsoftonline.com/TENANT_ID/v2.0.',
    );
  }
}

function checked(outbound: Outbound, found: z.infer<typeof schema>): OidcMetadata {
  for (const name of ENDPOINTS) {
    const url = found[name];
    const problem = url === undefined ? undefined : outbound.urlProblem(url, true);
    if (problem !== undefined) throw misconfigured(`${name}: ${problem}`);
    if (url?.includes('#')) throw misconfigured(`${name}: The URL must have no fragment.`);
  }
  if (found.response_types_supported?.includes('code') === false) {
    throw misconfigured('The provider does not support the authorization code flow.');
  }
  if (found.code_challenge_methods_supported?.includes('S256') === false) {
    throw misconfigured('The provider does not support PKCE with S256.');
  }
  const algorithms = found.id_token_signing_alg_values_supported.filter((name) => ALGORITHMS.has(name));
  if (algorithms.length === 0) {
    throw misconfigured(
      'The provider signs ID tokens with no algorithm that is accepted here, such as RS256.',
    );
  }
  const { response_types_supported: _, code_challenge_methods_supported: __, ...kept } = found;
  const { userinfo_endpoint, end_session_endpoint, ...rest } = kept;
  return {
    ...rest,
    ...(userinfo_endpoint === undefined ? {} : { userinfo_endpoint }),
    ...(end_session_endpoint === undefined ? {} : { end_session_endpoint }),
    id_token_signing_alg_values_supported: algorithms,
  };
}

const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'jwks_uri',
  'userinfo_endpoint',
  'end_session_endpoint',
] as const;

const misconfigured = (detail: string): SsoError => new SsoError('provider_misconfigured', detail);

/** What a provider may sign with: asymmetric, SHA-2, nothing that a published key could forge. Never `none` or HS*. */
export const ALGORITHMS: ReadonlySet<string> = new Set([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]);

/** The number of issuers whose metadata is cached; the oldest is evicted first. */
const MAX_HELD = 1_000;
/** How long metadata is cached: unauthenticated clients must not decide how often a provider is called. */
const FRESH_MS = 5 * 60_000;

/** Providers' metadata by issuer. */
interface ProviderDescriptions {
  /** Discovers again, and caches the answer. */
  renew(issuer: string): Promise<OidcMetadata>;
  /** From the cache if recent enough; otherwise discovers. Concurrent callers share one request, and failures are not cached. */
  current(issuer: string): Promise<OidcMetadata>;
}

/** Builds the cache of them. */
export function createProviderDescriptions({
  discover,
  now,
}: {
  readonly discover: (issuer: string) => Promise<OidcMetadata>;
  readonly now: () => Date;
}): ProviderDescriptions {
  const held = new Map<string, { readonly metadata: Promise<OidcMetadata>; readonly at: number }>();

  const renew = async (issuer: string): Promise<OidcMetadata> => {
    const pending = { metadata: discover(issuer), at: now().getTime() };
    held.delete(issuer);
    held.set(issuer, pending);
    const [oldest] = held.keys();
    if (held.size > MAX_HELD && oldest !== undefined) held.delete(oldest);
    try {
      return await pending.metadata;
    } catch (error) {
      if (held.get(issuer) === pending) held.delete(issuer);
      throw error;
    }
  };

  return {
    renew,
    current: (issuer) => {
      const found = held.get(issuer);
      const isFresh = found !== undefined && now().getTime() - found.at < FRESH_MS;
      return isFresh ? found.metadata : renew(issuer);
    },
  };
}
