import type { ServerResponse } from 'node:http';

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
  const queue: (() => void)[] = [];
  let running = 0;
  /** Hands the turn on, so that nobody who asks meanwhile comes first. */
  const finish = () => {
    const next = queue.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return {
    take: async (response) => {
      if (running < atOnce) running += 1;
      else if (queue.length >= waiting) throw new TooBusy();
      else await new Promise<void>((resolve) => queue.push(resolve));
      if (response.closed) finish();
      else response.once('close', finish);
    },
  };
}
