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
}

/** What is known when a user signs in. */
export interface LocationHistory {
  readonly known: readonly KnownNetwork[];
  /** Other users who signed in from the network within 30 days. */
  readonly othersFromNetwork: number;
  /** Failed sign-ins of the user within the hour before. */
  readonly failuresBefore: number;
  /** Networks of the organization, such as its offices. */
  readonly allowed: readonly string[];
}

/** A network that was not used for so long is new again. */
const REMEMBERED_DAYS = 90;
/** Until a user has signed in so often and for so long, the detector learns. */
const LEARNING_SIGN_INS = 10;
const LEARNING_DAYS = 14;
const SHARED_BY = 2;

/**
 * Whether a sign-in came from a place that is new for the user (R110). A network is the place: it needs no file of
 * countries, which an operator may not have.
 */
export function detectNewLocation(
  { user, at, network, device }: SignInSeen,
  { known, othersFromNetwork, failuresBefore, allowed }: LocationHistory,
): Finding | undefined {
  const time = Date.parse(at);
  const signIns = known.reduce((sum, each) => sum + each.signIns, 0);
  const first = Math.min(...known.map(({ firstAt }) => Date.parse(firstAt)));
  if (signIns < LEARNING_SIGN_INS || time - first < LEARNING_DAYS * DAY_MS) return undefined;
  const isRecent = ({ lastAt }: KnownNetwork) => time - Date.parse(lastAt) < REMEMBERED_DAYS * DAY_MS;
  if (known.some((each) => each.network === network && isRecent(each))) return undefined;
  if (othersFromNetwork >= SHARED_BY || allowed.includes(network)) return undefined;
  const networks = new Set(known.map((each) => each.network)).size;
  const isNewDevice = !known.some((each) => each.device === device && isRecent(each));
  const severity = failuresBefore > 0 ? 'high' : isNewDevice ? 'medium' : 'low';
  return {
    kind: 'new_location',
    severity,
    user,
    at,
    key: network,
    detail: {
      why: `A sign-in came from the network ${network} with ${isNewDevice ? 'a new device' : 'a known device'} (${device})${failuresBefore === 0 ? '' : ` after ${failuresBefore} failed ones`}.`,
      comparedWith: `${signIns} sign-ins from ${networks === 1 ? '1 network' : `${networks} networks`} since ${writtenDay(new Date(first).toISOString())}`,
      network,
      device,
      newDevice: isNewDevice,
      failuresBefore,
    },
  };
}
