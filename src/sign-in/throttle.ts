import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '../directory/errors.ts';
import { countOf } from '../platform/counts.ts';
import type { Executor } from '../platform/db/statement.ts';
import { hashToken } from '../platform/opaque-token.ts';
import { networkOf } from './rules/networks.ts';
import { hitThrottles, type Throttled } from './store/throttles.ts';

/** Attempts that fail in a window before the next has to wait. */
interface ThrottleLimits {
  readonly account: number;
  readonly address: number;
}

const LIMITS: ThrottleLimits = { account: 10, address: 50 };
export const WINDOW_SECONDS = 900;

/** Slows attempts down: per account, whether there is one or not, and per address (IPv6: per /64). */
interface Throttle {
  /** Counts an attempt before it is checked. @throws DomainError `throttled` with the seconds to wait */
  enter(account: string, ip: string | undefined, now: Date): Promise<void>;
  /** The attempt was right after all, and is counted no more; others stay. */
  withdraw(account: string, ip: string | undefined, now: Date): Promise<void>;
}

/**
 * Builds the throttle of one kind of attempt.
 * @param db with a transaction, the attempt is counted only if it commits
 */
export function createThrottle(db: Executor, kind: string, allowed: ThrottleLimits = LIMITS): Throttle {
  const accountKey = (account: string) => hashToken(`${kind} account ${account.toLowerCase()}`);
  const addressKey = (ip: string) => hashToken(`${kind} address ${networkOf(ip, 32)}`);
  const count = (hits: number, account: string, ip: string | undefined, now: Date) => {
    const keys = [accountKey(account), ...(ip === undefined ? [] : [addressKey(ip)])];
    return hitThrottles(db, keys, hits, now.toISOString(), WINDOW_SECONDS);
  };
  return {
    enter: async (account, ip, now) => {
      const ofAccount = accountKey(account);
      for (const row of await count(1, account, ip, now)) {
        if (row.hits > (row.key.equals(ofAccount) ? allowed.account : allowed.address)) {
          throw throttled(row, now);
        }
      }
    },
    withdraw: async (account, ip, now) => {
      await count(-1, account, ip, now);
    },
  };
}

/**
 * The error for an attempt over the limit, with the time to wait.
 * @param orElse what else helps, as the end of the sentence
 */
export function throttled({ resetsAt }: Pick<Throttled, 'resetsAt'>, now: Date, orElse = ''): DomainError {
  const seconds = Math.max(1, Math.ceil((Date.parse(resetsAt) - now.getTime()) / 1_000));
  const minutes = Math.ceil(seconds / 60);
  return new DomainError(
    'throttled',
    `Too many attempts: try again in ${countOf(minutes, 'minute')}${orElse}.`,
    seconds,
  );
}

/** What is written about an account takes a few milliseconds, which would tell it from an unknown one. */
const EVEN_MS = 250;

/**
 * Takes the same time whatever the work takes: work that is slower, because its rows are locked by others, continues after
 * the answer.
 * @throws what the work throws within that time
 */
export async function withMinimumDuration(work: () => Promise<void>): Promise<void> {
  const even = delay(EVEN_MS);
  const done = work();
  done.catch(() => {});
  await Promise.race([done, even]);
  await even;
}
