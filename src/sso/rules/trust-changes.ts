/** Whom a connection takes a person's word from. */
export interface Trust {
  /** Fingerprints of the certificates that count; none of OpenID Connect. */
  readonly certificates: readonly string[];
  /** What else decides it, by its name: other settings of a connection do not. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Settings that name the provider, or where it describes itself. `clientId` is whom its word must be meant for;
 * `nameIdFormat` is which of its names for people counts: some are for people to choose.
 */
const NAMES_THE_PROVIDER = ['entityId', 'metadataUrl', 'issuer', 'clientId', 'nameIdFormat'] as const;

/**
 * Whether a connection takes the word of somebody whose word it did not take before: another provider, another place
 * where the provider says which keys are its own, or one more certificate. Less trust is no more trust.
 */
export function widensTrust(before: Trust, after: Trust): boolean {
  const renamed = NAMES_THE_PROVIDER.some((name) => {
    const value = after.settings[name] ?? null;
    return value !== null && value !== (before.settings[name] ?? null);
  });
  const loosened = listOf(before, 'requiredClaims').some(
    (each) => !listOf(after, 'requiredClaims').includes(each),
  );
  return loosened || renamed || after.certificates.some((each) => !before.certificates.includes(each));
}

/** The members of a list among the settings, in a form to compare. */
function listOf({ settings }: Trust, name: string): readonly string[] {
  const value = settings[name];
  return Array.isArray(value) ? value.map((each) => JSON.stringify(each)) : [];
}
