/** The part of an identity provider's metadata that a refresh may change. */
export interface ProviderDescription<Certificate extends { readonly fingerprint: string }> {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly ssoBinding: 'redirect' | 'post';
  readonly sloUrl: string | undefined;
  /** Of no account without `sloUrl`. */
  readonly sloBinding: 'redirect' | 'post' | undefined;
  readonly sloResponseUrl: string | undefined;
  readonly certificates: readonly Certificate[];
}

/** A certificate that a connection trusts. */
export interface TrustedCertificate {
  readonly fingerprint: string;
  readonly source: 'upload' | 'metadata';
  /** When it last verified a sign-in; undefined if never. */
  readonly lastUsedAt: Date | string | undefined;
}

/** Where a provider takes messages of single logout, and where answers go if it is elsewhere. */
export interface LogoutEndpoint {
  readonly url: string;
  readonly binding: 'redirect' | 'post';
  readonly responseUrl: string | undefined;
}

/** Changes of a connection; what is undefined stays as it is. */
export interface MetadataChanges<Certificate> {
  readonly entityId?: string;
  readonly sso?: { readonly url: string; readonly binding: 'redirect' | 'post' };
  /** `null`: the provider offers no single logout any more. */
  readonly slo?: LogoutEndpoint | null;
  readonly addCertificates?: readonly Certificate[];
  /** Fingerprints. */
  readonly removeCertificates?: readonly string[];
}

/** What a refresh changes by itself, and what waits for an administrator. Empty objects: nothing. */
export interface MetadataRefresh<Certificate> {
  readonly apply: MetadataChanges<Certificate>;
  readonly staged: MetadataChanges<Certificate>;
}

/**
 * Decides what refreshed metadata changes (docs/sso-design.md §3). New certificates are trusted, and unpublished ones are
 * removed once another one has verified a sign-in. An attacker who controls the metadata URL for a day must not be able to take
 * over the connection unnoticed: a different entity ID, or a different host to send users to, is staged, and with a different
 * entity ID everything is.
 */
export function compareMetadata<Certificate extends { readonly fingerprint: string }>(
  current: ProviderDescription<TrustedCertificate>,
  fresh: ProviderDescription<Certificate>,
): MetadataRefresh<Certificate> {
  const sso = ssoChange(current, fresh);
  const slo = sloChange(current, fresh);
  const added = addition(current, fresh);
  const { proven, unproven } = removals(current, fresh);
  if (fresh.entityId !== current.entityId) {
    const entityId = fresh.entityId;
    return {
      apply: {},
      staged: { entityId, ...sso, ...slo, ...added, ...removal([...proven, ...unproven]) },
    };
  }
  const ssoStays = sameOrigin(fresh.ssoUrl, current.ssoUrl);
  const sloStays = keepsLogoutHosts(current, fresh);
  return {
    apply: { ...(ssoStays ? sso : {}), ...(sloStays ? slo : {}), ...added, ...removal(proven) },
    staged: { ...(ssoStays ? {} : sso), ...(sloStays ? {} : slo), ...removal(unproven) },
  };
}

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** Seconds until unreadable metadata is fetched again. */
export const REFRESH_AFTER_FAILURE = HOUR;

/** Seconds after which metadata is read again: a day, sooner if it may not be kept that long, an hour at the least. */
export function refreshIn(
  {
    validUntil,
    cacheDuration = DAY,
  }: { readonly validUntil: string | undefined; readonly cacheDuration: number | undefined },
  now: Date,
): number {
  const left = validUntil === undefined ? DAY : (Date.parse(validUntil) - now.getTime()) / 1_000;
  return Math.max(HOUR, Math.min(DAY, cacheDuration, Math.floor(left)));
}

type Facts = Omit<ProviderDescription<never>, 'certificates'>;

function ssoChange(current: Facts, fresh: Facts): Pick<MetadataChanges<never>, 'sso'> {
  const { ssoUrl: url, ssoBinding: binding } = fresh;
  return url === current.ssoUrl && binding === current.ssoBinding ? {} : { sso: { url, binding } };
}

function sloChange(current: Facts, fresh: Facts): Pick<MetadataChanges<never>, 'slo'> {
  const slo = logoutOf(fresh);
  const known = logoutOf(current);
  const isTheSame =
    slo?.url === known?.url && slo?.binding === known?.binding && slo?.responseUrl === known?.responseUrl;
  return isTheSame ? {} : { slo: slo ?? null };
}

/** @returns undefined if a provider offers none */
export function logoutOf({
  sloUrl: url,
  sloBinding: binding = 'redirect',
  sloResponseUrl: responseUrl,
}: Pick<Facts, 'sloUrl' | 'sloBinding' | 'sloResponseUrl'>): LogoutEndpoint | undefined {
  return url === undefined ? undefined : { url, binding, responseUrl };
}

/** Logout that goes away is staged as well; one that is new belongs where users sign in. */
function keepsLogoutHosts(current: Facts, fresh: Facts): boolean {
  if (fresh.sloUrl === undefined) return false;
  const known = [current.sloUrl ?? current.ssoUrl, current.sloResponseUrl];
  return [fresh.sloUrl, fresh.sloResponseUrl].every(
    (url) => url === undefined || known.some((each) => each !== undefined && sameOrigin(url, each)),
  );
}

function addition<Certificate extends { readonly fingerprint: string }>(
  current: ProviderDescription<TrustedCertificate>,
  fresh: ProviderDescription<Certificate>,
): Pick<MetadataChanges<Certificate>, 'addCertificates'> {
  const trusted = new Set(current.certificates.map(({ fingerprint }) => fingerprint));
  const addCertificates = fresh.certificates.filter(({ fingerprint }) => !trusted.has(fingerprint));
  return addCertificates.length === 0 ? {} : { addCertificates };
}

/**
 * Certificates from metadata that are no longer in it. They are removed automatically if a remaining one has verified
 * a sign-in: otherwise the last working one could be among them. Uploaded certificates are only removed by an administrator.
 */
function removals(
  { certificates }: ProviderDescription<TrustedCertificate>,
  fresh: ProviderDescription<{ readonly fingerprint: string }>,
): { readonly proven: readonly string[]; readonly unproven: readonly string[] } {
  const published = new Set(fresh.certificates.map(({ fingerprint }) => fingerprint));
  const stays = ({ fingerprint, source }: TrustedCertificate) =>
    source === 'upload' || published.has(fingerprint);
  const gone = certificates.filter((each) => !stays(each)).map(({ fingerprint }) => fingerprint);
  const works = certificates.some((each) => stays(each) && each.lastUsedAt !== undefined);
  return works ? { proven: gone, unproven: [] } : { proven: [], unproven: gone };
}

function removal(fingerprints: readonly string[]): Pick<MetadataChanges<never>, 'removeCertificates'> {
  return fingerprints.length === 0 ? {} : { removeCertificates: fingerprints };
}

function sameOrigin(left: string, right: string): boolean {
  return URL.canParse(left) && URL.canParse(right) && new URL(left).origin === new URL(right).origin;
}
