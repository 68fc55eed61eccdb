import { z } from 'zod';
import type { ConnectionId, OrgId } from '../directory/ids.ts';
import type { Database } from '../platform/db/database.ts';
import { defineJob, type JobKind } from '../platform/jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../platform/jobs/retry-policy.ts';
import { MINUTE_MS } from '../platform/time.ts';
import { RELEASE_JOB } from './commands.ts';
import { deleteConnection, findRemoval, releaseGroups, releaseUsers } from './store/release.ts';

const FIRST = '00000000-0000-0000-0000-000000000000';
const USERS = 2_000;
/** A group may have a hundred thousand members. */
const GROUPS = 5;
/** A request that was authenticated just before the tokens ended may write for so long. */
const SETTLED_MS = MINUTE_MS;

/**
 * Declares the job that releases what a removed connection provisioned, in batches, and then deletes the connection.
 * Released rows are not found again, so a run that was cut off goes on where it stopped.
 */
export function releaseJob({ db, now }: { readonly db: Database; readonly now: () => Date }): JobKind {
  const walk = async (
    signal: AbortSignal,
    release: (after: string) => Promise<string | undefined>,
  ): Promise<void> => {
    for (let after: string | undefined = FIRST; after !== undefined; after = await release(after)) {
      signal.throwIfAborted();
    }
  };
  return defineJob({
    name: RELEASE_JOB,
    payload: z.object({ org: z.uuid(), id: z.uuid() }),
    concurrency: 2,
    retry: BRIEF_RETRIES,
    handle: async (payload, { signal }) => {
      const [org, id] = [payload.org as OrgId, payload.id as ConnectionId];
      const removedAt = await findRemoval(db, org, id);
      if (removedAt === undefined) return undefined;
      const settledAt = new Date(Date.parse(removedAt) + SETTLED_MS);
      const isSettled = now() >= settledAt;
      await walk(signal, (after) => db.transaction(org, (tx) => releaseUsers(tx, org, id, after, USERS)));
      await walk(signal, (after) =>
        db.transaction(org, (tx) => releaseGroups(tx, org, id, after, GROUPS, now().toISOString())),
      );
      if (!isSettled) return { at: settledAt, kind: RELEASE_JOB };
      await db.transaction(org, (tx) => deleteConnection(tx, org, id));
      return undefined;
    },
  });
}
