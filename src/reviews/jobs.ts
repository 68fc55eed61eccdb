import { z } from 'zod';
import type { OrgId } from '../directory/ids.ts';
import { isSettledOrganization } from '../directory/organizations/store/demonstrations.ts';
import type { Database } from '../platform/db/database.ts';
import { defineJob, defineSchedule, type JobKind } from '../platform/jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../platform/jobs/retry-policy.ts';
import { OPEN_JOB, type ReviewOpening } from './opening.ts';
import type { ReviewTending } from './tending.ts';

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;

/** Declares the jobs of access reviews: collecting items, opening by schedule, and telling reviewers. */
export function reviewJobs(
  { db, now }: { readonly db: Database; readonly now: () => Date },
  opening: ReviewOpening,
  tending: ReviewTending,
): JobKind[] {
  return [
    defineJob({
      name: OPEN_JOB,
      payload: z.object({ org: z.uuid(), id: z.uuid() }),
      concurrency: 2,
      retry: BRIEF_RETRIES,
      handle: async ({ org, id }, { signal }) => {
        // A demonstration that is being loaded opens its reviews itself, at the time that it plays.
        if (!(await isSettledOrganization(db, org as OrgId))) {
          return { at: new Date(now().getTime() + 10_000), kind: OPEN_JOB };
        }
        await opening.open(org as OrgId, id, signal);
        return undefined;
      },
    }),
    defineSchedule('schedule_reviews', HOUR_SECONDS, tending.openScheduled),
    defineSchedule('tend_reviews', 5 * MINUTE_SECONDS, tending.tendOpen),
  ];
}
