/** Places of which there are so many, and those who wait for one in the order in which they came. */
export interface Semaphore {
  /** How many wait. */
  readonly waiting: number;
  /** Whether no one has a place. */
  readonly idle: boolean;
  /** Whether the next caller has to wait. */
  readonly full: boolean;
  enter(): Promise<void>;
  /** Hands the place to the next waiter, so that no later caller can take it. */
  leave(): void;
}

/** @param places how many have one at a time */
export function createSemaphore(places: number): Semaphore {
  const queue: (() => void)[] = [];
  let taken = 0;
  return {
    get waiting() {
      return queue.length;
    },
    get idle() {
      return taken === 0;
    },
    get full() {
      return taken >= places;
    },
    enter: async () => {
      if (taken < places) taken += 1;
      else await new Promise<void>((resolve) => queue.push(resolve));
    },
    leave: () => {
      const next = queue.shift();
      if (next === undefined) taken -= 1;
      else next();
    },
  };
}

/** Runs an organization's work when its turn has come. */
type KeyedSemaphore = <Result>(org: string, work: () => Promise<Result>) => Promise<Result>;

/**
 * Builds the queue in which an organization's commands wait in this process. They take turns at its lock anyway, and
 * a command that waits for it holds a database connection that other organizations need.
 * @param atOnce per organization: more than one, so that the next command already waits when the lock is released
 */
export function createKeyedSemaphore(atOnce: number): KeyedSemaphore {
  const lines = new Map<string, Semaphore>();
  return async (org, work) => {
    const line = lines.get(org) ?? createSemaphore(atOnce);
    lines.set(org, line);
    await line.enter();
    try {
      return await work();
    } finally {
      line.leave();
      if (line.idle) lines.delete(org);
    }
  };
}
