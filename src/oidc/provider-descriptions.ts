import type { OidcMetadata } from './metadata.ts';

/** The number of issuers whose metadata is cached; the oldest is evicted first. */
const MAX_HELD = 1_000;
/** How long metadata is cached: unauthenticated clients must not decide how often a provider is called. */
const FRESH_MS = 5 * 60_000;

/** Providers' metadata by issuer. */
export interface ProviderDescriptions {
  /** Asks again, and holds what is answered. */
  renew(issuer: string): Promise<OidcMetadata>;
  /** What is held and not too old; else asks. The caller at the same time shares the answer, and no failure is held. */
  current(issuer: string): Promise<OidcMetadata>;
}

/** Builds what holds them. */
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
