/** The provider that a connection trusts. */
export interface Trust {
  /** Fingerprints of the trusted certificates; empty for OpenID Connect. */
  readonly certificates: readonly string[];
  /** What else decides it, by its name: other settings of a connection do not. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Settings that identify the provider or its metadata. `clientId` is the audience of its tokens; `nameIdFormat`
 * decides which of its user names is used: some can be chosen by users.
 */
const NAMES_THE_PROVIDER = ['entityId', 'metadataUrl', 'issuer', 'clientId', 'nameIdFormat'] as const;

/**
 * Whether a change makes the connection trust more than before: another provider, another source of the provider's
 * keys, or one more certificate. Removing trust never does.
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
