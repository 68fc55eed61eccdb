import { createSemaphore, type Semaphore } from './semaphore.ts';

/** Runs an organization's work when its turn has come. */
export type KeyedSemaphore = <Result>(org: string, work: () => Promise<Result>) => Promise<Result>;

/**
 * Builds the queue in which an organization's commands wait in this process. They take turns at its lock anyway, and
 * whoever waits there holds a database connection that another organization needs.
 * @param atOnce of one organization: more than one, so that the next is at the lock when it opens
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
