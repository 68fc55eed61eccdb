import type { Database } from '../platform/db/database.ts';
import { hashToken } from '../platform/opaque-token.ts';
import { networkOf } from './rules/networks.ts';
import { clearThrottles, findThrottles, hitThrottles } from './store/throttles.ts';
import { throttled, WINDOW_SECONDS } from './throttle.ts';

/** Wrong passwords in a quarter of an hour. */
const LIMITS = {
  /** Of one account, from one device that signed in to it before. */
  device: 10,
  /** Of one account, from one network (IPv4 /24, IPv6 /64). */
  account: 10,
  /** Of one account, from everywhere. */
  everywhere: 100,
  /** Of any account, from one address (IPv6: /64). */
  address: 50,
} as const;

/** The limits that a guess is counted in. */
export interface Guess {
  /** Whether there is such an account or not. */
  readonly account: string;
  readonly ip: string | undefined;
  /** The id of a device that signed in to this account before; undefined for any other. */
  readonly device: string | undefined;
}

/**
 * Limits on wrong passwords alone: a right one is counted nowhere, however many come from one office. A known device
 * has a limit of its own, so that guesses from elsewhere do not keep the account's owner out.
 */
export interface GuessLimits {
  /** @throws DomainError `throttled` with the seconds to wait */
  requireAllowed(guess: Guess, now: Date): Promise<void>;
  /** Counts a wrong password or code. */
  count(guess: Guess, now: Date): Promise<void>;
  /** Forgets the failures of this account from this network or device; those from elsewhere stay. */
  forget(guess: Guess): Promise<void>;
}

/** Builds the limits. They are read before a check and counted after it: run few checks concurrently. */
export function createGuessLimits(db: Database): GuessLimits {
  return {
    requireAllowed: async (guess, now) => {
      const limits = limitsOf(guess);
      for (const row of await findThrottles(db, [...limits.keys()].map(toKey), now.toISOString())) {
        const [, limit = 0] = [...limits].find(([name]) => toKey(name).equals(row.key)) ?? [];
        if (row.hits >= limit) throw throttled(row, now, ', or set a new password by mail');
      }
    },
    count: async (guess, now) => {
      await hitThrottles(db, [...limitsOf(guess).keys()].map(toKey), 1, now.toISOString(), WINDOW_SECONDS);
    },
    forget: (guess) => clearThrottles(db, [toKey(nearestOf(guess))]),
  };
}

const toKey = (name: string): Buffer => hashToken(`sign-in ${name}`);

/** The narrowest name under which a guess is counted. */
function nearestOf({ account, ip, device }: Guess): string {
  if (device !== undefined) return `device ${device} ${account}`;
  return `account ${account} ${ip === undefined ? '' : networkOf(ip, 24)}`;
}

function limitsOf(guess: Guess): ReadonlyMap<string, number> {
  const nearest = nearestOf(guess);
  if (guess.device !== undefined) return new Map([[nearest, LIMITS.device]]);
  const { account, ip } = guess;
  return new Map([
    [nearest, LIMITS.account],
    [`everywhere ${account}`, LIMITS.everywhere],
    ...(ip === undefined ? [] : ([[`address ${networkOf(ip, 32)}`, LIMITS.address]] as const)),
  ]);
}
