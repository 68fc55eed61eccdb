import { createFairSemaphore, WaitedTooLong } from '../platform/fair-semaphore.ts';
import { DomainError } from './errors.ts';

/**
 * Rounds that writers of one resource race each other before they queue: two or three concurrent writers finish within
 * them.
 */
const RACING_ROUNDS = 3;
/** Rounds of the writer whose turn it is: only writers of other processes, and new ones, are left to lose to. */
const QUEUED_ROUNDS = 16;
/** How long a writer waits for its turn, in milliseconds. */
const MAX_WAIT = 10_000;
/** Seconds after which a client is told to try again. */
const RETRY_SECONDS = 2;

/** Runs rounds of load → decide → commit until one is not lost; a round that is lost yields undefined. */
export type WriteQueue = <Result>(
  resource: string,
  round: () => Promise<Result | undefined>,
) => Promise<Result>;

/**
 * Builds the retry rounds of one kind of resource: the first few are concurrent; after that the writers of a resource
 * queue, so that each of them gets its turn.
 */
export function createWriteQueue(): WriteQueue {
  const turns = createFairSemaphore({ places: Number.POSITIVE_INFINITY, perKey: 1, waitMs: MAX_WAIT });

  return async (resource, round) => {
    for (let left = RACING_ROUNDS; left > 0; left -= 1) {
      const result = await round();
      if (result !== undefined) return result;
    }
    await turns.acquire(resource).catch((error: unknown) => {
      throw error instanceof WaitedTooLong ? contended() : error;
    });
    try {
      for (let left = QUEUED_ROUNDS; left > 0; left -= 1) {
        const result = await round();
        if (result !== undefined) return result;
      }
    } finally {
      turns.release(resource);
    }
    throw contended();
  };
}

const contended = () =>
  new DomainError(
    'contended',
    'Many requests change this resource at the same time: send this one again in a moment.',
    RETRY_SECONDS,
  );
