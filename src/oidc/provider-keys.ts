import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Outbound } from '../platform/http-client/http-client.ts';
import { SsoError } from '../sso/sso-error.ts';
import { askProvider, parseAnswer } from './ask-provider.ts';
import type { OidcClient } from './client.ts';

const MAX_BYTES = 128 * 1024;
/** The number of connections whose keys are cached; the least recently used is evicted first. */
const MAX_HELD = 1_000;
/** So long a set is used without asking again. */
const FRESH_MS = 10 * 60_000;
/** Between two attempts to get a set, so that unknown key ids do not make us a burden for the provider. */
const COOLDOWN_MS = 30_000;
/**
 * So long a set keeps being used while the provider gives no newer one. It bounds for how long a user who
 * can keep us from the provider can keep a withdrawn key alive.
 */
const STALE_MS = 60 * 60_000;

const schema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

/** Finds the key that a token names, in the keys that its provider publishes. */
export type FindProviderKeys = (client: Pick<OidcClient, 'connectionId' | 'metadata'>) => JWTVerifyGetKey;

/** Builds the cache of providers' keys: one set per connection and address. */
export function createProviderKeys(dependencies: {
  readonly outbound: Outbound;
  readonly now: () => Date;
}): FindProviderKeys {
  const { outbound, now } = dependencies;
  const held = new Map<string, JWTVerifyGetKey>();

  return ({ connectionId, metadata: { jwks_uri: url } }) => {
    const id = `${connectionId} ${url}`;
    const found = held.get(id) ?? createKeySet(() => fetchKeys(outbound, url), now);
    held.delete(id);
    held.set(id, found);
    const [oldest] = held.keys();
    if (held.size > MAX_HELD && oldest !== undefined) held.delete(oldest);
    return found;
  };
}

/** @throws SsoError */
async function fetchKeys(outbound: Outbound, url: string): Promise<JSONWebKeySet> {
  const answer = await askProvider(outbound, 'key set', url, {
    maxBytes: MAX_BYTES,
    headers: { Accept: 'application/jwk-set+json, application/json' },
  });
  const parsed = schema.safeParse(parseAnswer('key set', answer));
  if (!parsed.success) throw new SsoError('provider_misconfigured', 'This is not a valid key set.');
  // A published symmetric key is not a secret.
  return { keys: parsed.data.keys.filter(({ kty }) => kty !== 'oct') };
}

/**
 * A set that is loaded when it is needed, reloaded when it is old or lacks the key that is named, and kept for
 * a while if it cannot be.
 */
function createKeySet(load: () => Promise<JSONWebKeySet>, now: () => Date): JWTVerifyGetKey {
  let held: { readonly find: JWTVerifyGetKey; readonly at: number } | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<JWTVerifyGetKey> | undefined;

  const reload = (): Promise<JWTVerifyGetKey> => {
    loading ??= load()
      .then((keys) => {
        const find = createLocalJWKSet(keys);
        held = { find, at: now().getTime() };
        return find;
      })
      .finally(() => {
        triedAt = now().getTime();
        loading = undefined;
      });
    return loading;
  };
  const mayTry = () => now().getTime() - triedAt >= COOLDOWN_MS;

  const current = async (): Promise<JWTVerifyGetKey> => {
    if (held === undefined) return reload();
    const { find, at } = held;
    const age = now().getTime() - at;
    if (age >= STALE_MS) return reload();
    if (age < FRESH_MS || !mayTry()) return find;
    return reload().catch((error: unknown) => {
      if (error instanceof SsoError) return find;
      throw error;
    });
  };

  return async (header, token) => {
    const find = await current();
    try {
      return await find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !mayTry()) throw error;
    }
    return (await reload())(header, token);
  };
}
