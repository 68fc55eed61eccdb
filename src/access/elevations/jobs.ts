import { defineSchedule, type JobKind } from '../../platform/jobs/job-kind.ts';
import type { ElevationExpiry } from './expiry.ts';

export const ELEVATION_EXPIRY_JOB = 'note_expired_elevations';

/** Declares the job that tells about elevations that have ended; if it is late, only the mail is late. */
export function elevationExpiryJob(expiry: ElevationExpiry): JobKind {
  return defineSchedule(ELEVATION_EXPIRY_JOB, 30, () => expiry.recordExpired());
}
