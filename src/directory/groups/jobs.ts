import { z } from 'zod';
import { defineJob, defineSchedule, type JobKind } from '../../platform/jobs/job-kind.ts';
import { RETRIES_FOR_EVER } from '../../platform/jobs/retry-policy.ts';
import type { GroupId, OrgId } from '../ids.ts';
import { type createGroupSettling, SETTLE_GROUP_JOB } from './settling.ts';

const FOLLOW_SECONDS = 1;
/** Another group gets its turn after so much of one. */
const RUN_MS = 20_000;

/** Declares the jobs that have members of groups follow patterns of addresses. */
export function groupJobs(
  { step }: ReturnType<typeof createGroupSettling>,
  follow: (signal: AbortSignal) => Promise<void>,
  now: () => Date,
): JobKind[] {
  return [
    defineSchedule('follow_addresses', FOLLOW_SECONDS, follow),
    defineJob({
      name: SETTLE_GROUP_JOB,
      payload: z.object({ org: z.uuid(), group: z.uuid() }),
      concurrency: 1,
      retry: RETRIES_FOR_EVER,
      handle: async ({ org, group }, { signal, reportProgress }) => {
        for (const end = performance.now() + RUN_MS; performance.now() < end; ) {
          signal.throwIfAborted();
          const percent = await step(org as OrgId, group as GroupId);
          if (percent === undefined) return undefined;
          await reportProgress(percent);
        }
        return { at: now(), kind: SETTLE_GROUP_JOB };
      },
    }),
  ];
}
