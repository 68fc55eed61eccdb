import type { ServerResponse } from 'node:http';
import { createLine } from '../platform/line.ts';

/** Too many wait already. */
export class TooBusy extends Error {
  constructor() {
    super('Too many large requests wait already.');
    this.name = 'TooBusy';
  }
}

/** Turns of what takes much memory, each until its request is answered. */
export interface Turns {
  /** Waits for a turn, in the order in which they ask. @throws TooBusy */
  take(response: ServerResponse): Promise<void>;
}

/**
 * Builds the queue of what takes much memory while it is worked on, so that many at once take no more than a few do.
 * @param atOnce how many have a turn @param waiting how many may wait for one
 */
export function createTurns(atOnce: number, waiting: number): Turns {
  const line = createLine(atOnce);
  return {
    take: async (response) => {
      if (line.full && line.waiting >= waiting) throw new TooBusy();
      await line.enter();
      if (response.closed) line.leave();
      else response.once('close', line.leave);
    },
  };
}
