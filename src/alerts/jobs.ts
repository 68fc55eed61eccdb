import { z } from 'zod';
import { defineJob, type JobKind } from '../platform/jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../platform/jobs/retry-policy.ts';
import type { Detection } from './detection.ts';

const WATCH_SECONDS = 15;
const HOUR_SECONDS = 3_600;

/** Declares the jobs that look for alerts and tell of them. */
export function alertJobs(
  { watchEvents, watchState }: Detection,
  tellOfAlerts: (signal: AbortSignal) => Promise<void>,
): JobKind[] {
  const declare = (name: string, everySeconds: number, handle: (signal: AbortSignal) => Promise<void>) =>
    defineJob({
      name,
      payload: z.object({}),
      retry: BRIEF_RETRIES,
      everySeconds,
      handle: (_payload, { signal }) => handle(signal),
    });
  return [
    declare('watch_events', WATCH_SECONDS, async (signal) => {
      await watchEvents(signal);
      await tellOfAlerts(signal);
    }),
    declare('watch_state', HOUR_SECONDS, watchState),
  ];
}
