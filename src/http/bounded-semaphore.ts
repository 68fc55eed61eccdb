import type { ServerResponse } from 'node:http';
import { createFairSemaphore, WaitedTooLong } from '../platform/fair-semaphore.ts';

/** Too many wait already, or for too long. */
export class TooBusy extends Error {
  constructor() {
    super('Too many large requests wait already.');
    this.name = 'TooBusy';
  }
}

/** Turns of what takes much memory, each until its request is answered. */
export interface BoundedSemaphore {
  /**
   * Waits for a turn: organizations take turns, and within one the order is first come, first served.
   * @throws TooBusy
   */
  take(organization: string, response: ServerResponse): Promise<void>;
}

export interface BoundedSemaphoreOptions {
  /** How many may have a turn at the same time. */
  readonly atOnce: number;
  /** How many of them may be of one organization. */
  readonly perOrganization: number;
  /** How many may wait. */
  readonly waiting: number;
  /** How long each may wait, in milliseconds. */
  readonly waitMs: number;
}

/**
 * Builds the queue of what takes much memory while it is worked on, so that many concurrent requests take no more than a
 * few do.
 */
export function createBoundedSemaphore({
  atOnce,
  perOrganization,
  waiting,
  waitMs,
}: BoundedSemaphoreOptions): BoundedSemaphore {
  const places = createFairSemaphore({ places: atOnce, perKey: perOrganization, waitMs });
  return {
    take: async (organization, response) => {
      if (!places.tryAcquire(organization)) {
        if (places.waiting >= waiting) throw new TooBusy();
        try {
          await places.acquire(organization);
        } catch (error) {
          throw error instanceof WaitedTooLong ? new TooBusy() : error;
        }
      }
      const leave = () => places.release(organization);
      if (response.closed) leave();
      else response.once('close', leave);
    },
  };
}
