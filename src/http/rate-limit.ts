import { setTimeout as delay } from 'node:timers/promises';

/** A client sends more requests than it may. */
export class TooManyRequests extends Error {
  /** Whole seconds until one is accepted again, at least 1: identity providers read nothing finer. */
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super('Too many requests.');
    this.name = 'TooManyRequests';
    this.retryAfter = retryAfter;
  }
}

export interface RateLimiter {
  /** Counts a request, or as many as a burst at most: all of them or none. @throws TooManyRequests */
  count(key: string, requests?: number): void;
  /** Takes back what was counted last. */
  refund(key: string, requests: number): void;
}

export interface RateLimit {
  /** Requests a second in the long run; 0 for no limit. */
  readonly perSecond: number;
  /** The size of a burst. */
  readonly burst: number;
}

/** Keys that are remembered at most; those that have all of their burst back are forgotten first. */
const MAX_KEYS = 10_000;

/**
 * Builds a token bucket for each key, in this process alone.
 * @param now milliseconds; performance.now by default
 */
export function createRateLimiter(
  { perSecond, burst }: RateLimit,
  now: () => number = () => performance.now(),
): RateLimiter {
  const buckets = new Map<string, { tokens: number; at: number }>();

  const forgetFull = (time: number): void => {
    for (const [key, { tokens, at }] of buckets) {
      if (tokens + ((time - at) / 1_000) * perSecond >= burst) buckets.delete(key);
    }
    // All of them are in use: the oldest go, and their clients gain a burst.
    for (const key of buckets.keys()) {
      if (buckets.size < MAX_KEYS) break;
      buckets.delete(key);
    }
  };

  return {
    count: (key, requests = 1) => {
      if (perSecond <= 0) return;
      const time = now();
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        if (buckets.size >= MAX_KEYS) forgetFull(time);
        bucket = { tokens: burst, at: time };
        buckets.set(key, bucket);
      }
      bucket.tokens = Math.min(burst, bucket.tokens + ((time - bucket.at) / 1_000) * perSecond);
      bucket.at = time;
      if (bucket.tokens < requests) {
        throw new TooManyRequests(Math.max(1, Math.ceil((requests - bucket.tokens) / perSecond)));
      }
      bucket.tokens -= requests;
    },

    refund: (key, requests) => {
      const bucket = buckets.get(key);
      if (bucket !== undefined) bucket.tokens = Math.min(burst, bucket.tokens + requests);
    },
  };
}

/** The limits of a process, in requests a second; 0 for none. */
export interface RequestLimitOptions {
  readonly perOrganization: number;
  readonly perConnection: number;
  /** Tokens and keys that are not valid, from one address. */
  readonly invalidPerAddress: number;
}

/** Which limits a request is counted in. */
export interface RequestLimits {
  /**
   * Counts an authenticated request, or several that come in one, all of them or none.
   * @throws TooManyRequests a second later
   */
  count(organization: string, connection?: string, requests?: number): Promise<void>;
  /** Counts a token or key that is not valid, by the address that sent it. @throws TooManyRequests a second later */
  countInvalidCredential(address: string | undefined): Promise<void>;
}

/** For so many seconds a client may send as many requests as it likes, if it has been quiet before. */
const BURST_SECONDS = 5;
/** A client with a token that is not valid sends it again and again: a minute's worth of them may come in a burst. */
const INVALID_BURST_SECONDS = 60;
/**
 * A 429 is delayed for so long: a client that sends the next request as soon as it has an answer would
 * otherwise take the processor from others with refusals alone.
 */
const HOLD_MS = 1_000;
const MAX_HELD = 1_000;

/** @returns how many requests a connection that has been quiet may send at once; infinite without limits */
export function burstOf({
  perOrganization,
  perConnection,
}: Omit<RequestLimitOptions, 'invalidPerAddress'>): number {
  const limits = [perOrganization, perConnection].filter((perSecond) => perSecond > 0);
  return Math.min(...limits) * BURST_SECONDS;
}

/** Builds the limits. @param now as for `createRateLimiter` */
export function createRequestLimits(
  { perOrganization, perConnection, invalidPerAddress }: RequestLimitOptions,
  now?: () => number,
): RequestLimits {
  const limiter = (perSecond: number) =>
    createRateLimiter({ perSecond, burst: perSecond * BURST_SECONDS }, now);
  const organizations = limiter(perOrganization);
  const connections = limiter(perConnection);
  const addresses = createRateLimiter(
    { perSecond: invalidPerAddress, burst: invalidPerAddress * INVALID_BURST_SECONDS },
    now,
  );
  let held = 0;

  const holding = async (count: () => void): Promise<void> => {
    try {
      count();
    } catch (error) {
      if (held < MAX_HELD) {
        held += 1;
        await delay(HOLD_MS);
        held -= 1;
      }
      throw error;
    }
  };

  return {
    count: (organization, connection, requests = 1) =>
      holding(() => {
        if (connection !== undefined) connections.count(connection, requests);
        try {
          organizations.count(organization, requests);
        } catch (error) {
          if (connection !== undefined) connections.refund(connection, requests);
          throw error;
        }
      }),
    countInvalidCredential: (address) => holding(() => addresses.count(address ?? '')),
  };
}
