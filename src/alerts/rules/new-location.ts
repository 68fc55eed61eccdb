import { countOf } from '../../platform/counts.ts';
import { describeLocation, type Location } from '../../platform/locations/location.ts';
import { DAY_MS, writtenDay } from '../../platform/time.ts';
import type { Finding } from './alert.ts';

/** A network and device from which a user signed in. */
export interface KnownNetwork {
  readonly network: string;
  readonly device: string;
  /** ISO 8601 */
  readonly firstAt: string;
  readonly lastAt: string;
  readonly signIns: number;
}

export interface SignInSeen {
  readonly user: string;
  readonly at: string;
  /** An IPv4 /24 or an IPv6 /48. */
  readonly network: string;
  /** Browser and system, such as `Firefox on Linux`. */
  readonly device: string;
  /** Undefined if it is not known. */
  readonly location: Location | undefined;
}

/** What is known when a user signs in. */
export interface LocationHistory {
  readonly known: readonly KnownNetwork[];
  /** Other users who signed in from the network within 30 days. */
  readonly othersFromNetwork: number;
  /** Failed sign-ins of the user within the hour before. */
  readonly failuresBefore: number;
  /** Whether it came from a network of the organization, such as an office. */
  readonly isAllowed: boolean;
  /** Where a network is, as far as that is known today. */
  readonly locate: (network: string) => Location | undefined;
}

/** A network that was not used for so long is new again. */
const REMEMBERED_DAYS = 90;
/** Until a user has signed in so often and for so long, the detector learns. */
const LEARNING_SIGN_INS = 10;
const LEARNING_DAYS = 14;
const SHARED_BY = 2;

/**
 * Whether a sign-in came from a place that is new for the user (R110). A network is the place. Where the operator has files
 * of countries and AS numbers, a new network is no news in a country and an AS that the user signed in from before. What is
 * not known of either is not taken for familiar (ADR 0052).
 */
export function detectNewLocation(
  { user, at, network, device, location }: SignInSeen,
  { known, othersFromNetwork, failuresBefore, isAllowed, locate }: LocationHistory,
): Finding | undefined {
  const time = Date.parse(at);
  const signIns = known.reduce((sum, each) => sum + each.signIns, 0);
  const first = Math.min(...known.map(({ firstAt }) => Date.parse(firstAt)));
  if (signIns < LEARNING_SIGN_INS || time - first < LEARNING_DAYS * DAY_MS) return undefined;
  const recent = known.filter(({ lastAt }) => time - Date.parse(lastAt) < REMEMBERED_DAYS * DAY_MS);
  if (recent.some((each) => each.network === network)) return undefined;
  if (othersFromNetwork >= SHARED_BY || isAllowed) return undefined;
  const isNewDevice = !recent.some((each) => each.device === device);
  const before = recent.map((each) => ({ ...each, location: locate(each.network) }));
  const country = familiarity(
    location?.country,
    before.map((each) => each.location?.country),
  );
  const system = familiarity(
    location?.asn,
    before.map((each) => each.location?.asn),
  );
  const isFamiliar = country === 'familiar' && system === 'familiar';
  // Guesses from a device that the user never had are an attack, from next door too.
  if (isFamiliar && !(isNewDevice && failuresBefore > 0)) return undefined;
  const networks = new Set(known.map((each) => each.network)).size;
  const severity = failuresBefore > 0 ? 'high' : isNewDevice || country === 'new' ? 'medium' : 'low';
  const place = location === undefined ? network : `${network} (${describeLocation(location)})`;
  const usual = usualLocation(before);
  return {
    kind: 'new_location',
    severity,
    user,
    at,
    key: network,
    detail: {
      why: `A sign-in came from the network ${place} with ${isNewDevice ? 'a new device' : 'a known device'} (${device})${failuresBefore === 0 ? '' : ` after ${failuresBefore} failed ones`}.${whatIsNew(country, system, usual)}`,
      comparedWith: `${countOf(signIns, 'sign-in')} from ${countOf(networks, 'network')} since ${writtenDay(new Date(first).toISOString())}`,
      network,
      device,
      newDevice: isNewDevice,
      failuresBefore,
      country: location?.country ?? null,
      newCountry: country === 'new',
      asn: location?.asn ?? null,
      asnName: location?.asnName ?? null,
      newAsn: system === 'new',
      usualLocation: usual ?? null,
    },
  };
}

type Familiarity = 'new' | 'familiar' | 'unknown';

/** Where nothing was known before, nothing is new. */
function familiarity<Value>(here: Value | undefined, before: readonly (Value | undefined)[]): Familiarity {
  const known = before.filter((each) => each !== undefined);
  if (here === undefined || known.length === 0) return 'unknown';
  return known.includes(here) ? 'familiar' : 'new';
}

/** The location of most sign-ins, in words. */
function usualLocation(
  before: readonly { readonly location: Location | undefined; readonly signIns: number }[],
): string | undefined {
  const counts = new Map<string, number>();
  for (const { location, signIns } of before) {
    if (location === undefined) continue;
    const words = describeLocation(location);
    counts.set(words, (counts.get(words) ?? 0) + signIns);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function whatIsNew(country: Familiarity, system: Familiarity, usual: string | undefined): string {
  const parts = [...(country === 'new' ? ['country'] : []), ...(system === 'new' ? ['AS number'] : [])];
  if (parts.length === 0) return '';
  const what = `${parts.join(' and the ')} ${parts.length === 1 ? 'is' : 'are'}`;
  return ` The ${what} new for this account; usual is ${usual}.`;
}
