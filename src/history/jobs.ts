import { z } from 'zod';
import type { Database } from '../platform/db/database.ts';
import { attemptEach } from '../platform/jobs/attempt-each.ts';
import { defineJob, type JobKind } from '../platform/jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../platform/jobs/retry-policy.ts';
import { findUnfinished, snapshotBatch } from './store/snapshot.ts';

const HOUR_SECONDS = 3_600;

/** Declares the job that writes the states with which the history of organizations of before begins. */
export function historySnapshotJob({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): JobKind {
  return defineJob({
    name: 'begin_history',
    payload: z.object({}),
    retry: BRIEF_RETRIES,
    everySeconds: HOUR_SECONDS,
    handle: async (_payload, { signal }) => {
      await attemptEach(
        await findUnfinished(db),
        async (org) => {
          do signal.throwIfAborted();
          while (await snapshotBatch(db, org, now().toISOString()));
        },
        signal,
      );
    },
  });
}
