/** Whom a connection takes a person's word from. */
export interface Trust {
  /** Fingerprints of the certificates that count; none of OpenID Connect. */
  readonly certificates: readonly string[];
  /** What else decides it, by its name: other settings of a connection do not. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Settings that name the provider, or where it describes itself. `clientId` is whom its word must be meant for. */
const NAMES_THE_PROVIDER = ['entityId', 'metadataUrl', 'issuer', 'clientId'] as const;

/**
 * Whether a connection takes the word of somebody whose word it did not take before: another provider, another place
 * where the provider says which keys are its own, or one more certificate. Less trust is no more trust.
 */
export function trustsMore(before: Trust, after: Trust): boolean {
  const renamed = NAMES_THE_PROVIDER.some((name) => {
    const value = after.settings[name] ?? null;
    return value !== null && value !== (before.settings[name] ?? null);
  });
  return renamed || after.certificates.some((each) => !before.certificates.includes(each));
}
