import type { OrgId } from './ids.ts';

/** Runs an organization's work when its turn has come. */
export type OrgQueue = <Result>(org: OrgId, work: () => Promise<Result>) => Promise<Result>;

/**
 * Builds the queue in which an organization's commands wait in this process. They take turns at its lock anyway, and
 * whoever waits there holds a database connection that another organization needs.
 * @param atOnce of one organization: more than one, so that the next is at the lock when it opens
 */
export function createOrgQueue(atOnce: number): OrgQueue {
  const lines = new Map<OrgId, { running: number; readonly waiting: (() => void)[] }>();
  return async (org, work) => {
    const line = lines.get(org) ?? { running: 0, waiting: [] };
    lines.set(org, line);
    // Who leaves hands the place on, so that nobody who comes meanwhile takes it.
    if (line.running < atOnce) line.running += 1;
    else await new Promise<void>((resolve) => line.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = line.waiting.shift();
      if (next !== undefined) next();
      else {
        line.running -= 1;
        if (line.running === 0) lines.delete(org);
      }
    }
  };
}
