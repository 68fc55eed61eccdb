import { z } from 'zod';
import type { ElevationExpiry } from '../directory/elevations/expiry.ts';
import { defineJob, type JobKind } from '../jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../jobs/retry-policy.ts';

export const ELEVATION_EXPIRY_JOB = 'note_expired_elevations';

/** Declares the job that tells about elevations that have ended; if it is late, only the mail is late. */
export function elevationExpiryJob(expiry: ElevationExpiry): JobKind {
  return defineJob({
    name: ELEVATION_EXPIRY_JOB,
    payload: z.object({}),
    retry: BRIEF_RETRIES,
    everySeconds: 30,
    handle: async () => void (await expiry.noteExpired()),
  });
}
