import type { Database } from '../../platform/db.ts';
import { Refusal } from '../errors.ts';
import { clearThrottles, hitThrottles } from '../store/throttles.ts';
import { hashToken } from '../tokens.ts';

/** Attempts that fail in a window before the next has to wait. */
export interface ThrottleLimits {
  readonly account: number;
  readonly address: number;
}

const LIMITS: ThrottleLimits = { account: 10, address: 50 };
const WINDOW_SECONDS = 900;

/** Slows guessing down: per account, whether there is one or not, and per address. */
export interface Throttle {
  /** Counts an attempt before it is looked at. @throws Refusal `throttled` with the seconds to wait */
  enter(account: string, ip: string | undefined, now: Date): Promise<void>;
  /** Refuses whoever has used their attempts up, and counts nothing. @throws Refusal `throttled` */
  check(account: string, ip: string | undefined, now: Date): Promise<void>;
  /** The attempt was right: the account's count begins anew. */
  forgive(account: string): Promise<void>;
}

/** Builds the throttle of one kind of attempt. */
export function createThrottle(db: Database, kind: string, allowed: ThrottleLimits = LIMITS): Throttle {
  const accountKey = (account: string) => hashToken(`${kind} account ${account.toLowerCase()}`);
  const addressKey = (ip: string) => hashToken(`${kind} address ${ip}`);
  const count = async (hits: number, account: string, ip: string | undefined, now: Date): Promise<void> => {
    const limits = new Map([[accountKey(account).toString('hex'), allowed.account]]);
    const keys = [accountKey(account)];
    if (ip !== undefined) {
      keys.push(addressKey(ip));
      limits.set(addressKey(ip).toString('hex'), allowed.address);
    }
    for (const row of await hitThrottles(db, keys, hits, now.toISOString(), WINDOW_SECONDS)) {
      if (row.hits <= (limits.get(row.key.toString('hex')) ?? 0)) continue;
      const seconds = Math.max(1, Math.ceil((Date.parse(row.resets_at) - now.getTime()) / 1_000));
      const minutes = Math.ceil(seconds / 60);
      throw new Refusal(
        'throttled',
        `Too many attempts: try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
        seconds,
      );
    }
  };
  return {
    enter: (account, ip, now) => count(1, account, ip, now),
    check: (account, ip, now) => count(0, account, ip, now),
    forgive: (account) => clearThrottles(db, [accountKey(account)]),
  };
}
