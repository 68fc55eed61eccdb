import type { ElevationExpiry } from '../directory/elevations/expiry.ts';
import type { JobHandler } from '../jobs/queue.ts';

export const ELEVATION_EXPIRY_JOB = 'note_expired_elevations';
/** How often the schedule looks: what it is late with is a mail, never the end itself. */
export const ELEVATION_EXPIRY_SECONDS = 30;

/** Builds the handler that tells about elevations that have ended. */
export function createElevationExpiryHandler(expiry: ElevationExpiry): JobHandler {
  return async () => {
    await expiry.noteExpired();
  };
}
