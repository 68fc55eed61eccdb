/** Places that many keys (organizations) share, so that no key can hold all of them while another waits. */
export interface FairSemaphore {
  /** How many acquisitions wait. */
  readonly waiting: number;
  /** How many places are accepted. */
  readonly held: number;
  /**
   * Takes a place, waiting for one if need be.
   * @throws WaitedTooLong after `waitMs`
   */
  acquire(key: string): Promise<void>;
  /** Takes a place if that needs no waiting. @returns whether it did */
  tryAcquire(key: string): boolean;
  /** Gives the place back; it goes to the waiting key that holds the fewest. */
  release(key: string): void;
}

/** No place became free in time. */
export class WaitedTooLong extends Error {
  constructor() {
    super('No place became free in time.');
    this.name = 'WaitedTooLong';
  }
}

export interface FairSemaphoreOptions {
  readonly places: number;
  /** The most places that one key may hold. */
  readonly perKey: number;
  /** How long an acquisition waits at most, in milliseconds. */
  readonly waitMs: number;
}

interface Share {
  held: number;
  readonly queue: Waiter[];
}

interface Waiter {
  readonly admit: () => void;
}

/**
 * Builds a semaphore whose free places go to the key that holds the fewest, within a key to who came first.
 * A key that waits is therefore served next, however many acquisitions of other keys came before.
 */
export function createFairSemaphore({ places, perKey, waitMs }: FairSemaphoreOptions): FairSemaphore {
  const shares = new Map<string, Share>();
  /** Keys with a queue, the one served longest ago first. */
  const queued = new Set<string>();
  let held = 0;
  let waiting = 0;

  const shareOf = (key: string): Share => {
    let share = shares.get(key);
    if (share === undefined) {
      share = { held: 0, queue: [] };
      shares.set(key, share);
    }
    return share;
  };

  const forgetIfUnused = (key: string, share: Share): void => {
    if (share.queue.length === 0) queued.delete(key);
    if (share.held === 0 && share.queue.length === 0) shares.delete(key);
  };

  /** The waiting key that holds the fewest places and may hold another. */
  const next = (): string | undefined => {
    let best: string | undefined;
    let fewest = perKey;
    for (const key of queued) {
      const { held: holds } = shareOf(key);
      if (holds < fewest) {
        best = key;
        fewest = holds;
      }
      if (fewest === 0) break;
    }
    return best;
  };

  const admitNext = (): void => {
    const key = held < places ? next() : undefined;
    if (key === undefined) return;
    const share = shareOf(key);
    const waiter = share.queue.shift() as Waiter;
    queued.delete(key);
    if (share.queue.length > 0) queued.add(key);
    held += 1;
    share.held += 1;
    waiting -= 1;
    waiter.admit();
  };

  const tryAcquire = (key: string): boolean => {
    const known = shares.get(key);
    if (held >= places || (known !== undefined && (known.held >= perKey || known.queue.length > 0)))
      return false;
    const share = shareOf(key);
    held += 1;
    share.held += 1;
    return true;
  };

  return {
    get waiting() {
      return waiting;
    },
    get held() {
      return held;
    },
    tryAcquire,
    acquire: (key) => {
      if (tryAcquire(key)) return Promise.resolve();
      const share = shareOf(key);
      return new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          share.queue.splice(share.queue.indexOf(waiter), 1);
          waiting -= 1;
          forgetIfUnused(key, share);
          reject(new WaitedTooLong());
        }, waitMs);
        timer.unref();
        const waiter: Waiter = {
          admit: () => {
            clearTimeout(timer);
            resolve();
          },
        };
        share.queue.push(waiter);
        queued.add(key);
        waiting += 1;
      });
    },
    release: (key) => {
      const share = shareOf(key);
      held -= 1;
      share.held -= 1;
      forgetIfUnused(key, share);
      admitNext();
    },
  };
}
