import { createSemaphore, type Semaphore } from './semaphore.ts';

/** Runs an organization's work when its turn has come. */
export type KeyedSemaphore = <Result>(org: string, work: () => Promise<Result>) => Promise<Result>;

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
