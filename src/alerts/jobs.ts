import { defineSchedule, type JobKind } from '../platform/jobs/job-kind.ts';
import type { Detection } from './detection.ts';

const WATCH_SECONDS = 15;
const HOUR_SECONDS = 3_600;

/** Declares the jobs that look for alerts and tell of them. */
export function alertJobs(
  { watchEvents, watchState }: Detection,
  tellOfAlerts: (signal: AbortSignal) => Promise<void>,
): JobKind[] {
  return [
    defineSchedule('watch_events', WATCH_SECONDS, async (signal) => {
      await watchEvents(signal);
      await tellOfAlerts(signal);
    }),
    defineSchedule('watch_state', HOUR_SECONDS, watchState),
  ];
}
