import { z } from 'zod';
import { defineJob, type JobKind } from '../../platform/jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../../platform/jobs/retry-policy.ts';
import type { ElevationExpiry } from './expiry.ts';

export const ELEVATION_EXPIRY_JOB = 'note_expired_elevations';

/** Declares the job that tells about elevations that have ended; if it is late, only the mail is late. */
export function elevationExpiryJob(expiry: ElevationExpiry): JobKind {
  return defineJob({
    name: ELEVATION_EXPIRY_JOB,
    payload: z.object({}),
    retry: BRIEF_RETRIES,
    everySeconds: 30,
    handle: async () => void (await expiry.recordExpired()),
  });
}
