import { z } from 'zod';
import type { OrgId } from '../directory/ids.ts';
import {
  defineJob,
  defineSchedule,
  type JobContext,
  type JobKind,
  type RunAgain,
} from '../platform/jobs/job-kind.ts';
import { RETRIES_FOR_EVER } from '../platform/jobs/retry-policy.ts';
import type { StreamDelivery } from './delivery.ts';
import { FAILING_STREAM_JOB, STREAM_JOB } from './store/stream-jobs.ts';

const payload = z.object({ org: z.uuid(), stream: z.uuid() });

/** A job serves its stream for so long before others get its slot. */
const RUN_MS = 20_000;

/** Declares the jobs that send events, one for each stream, so that none waits for another's receiver. */
export function streamJobs(
  delivery: StreamDelivery,
  now: () => Date,
): { readonly scheduled: readonly JobKind[]; readonly send: readonly JobKind[] } {
  const serve = async (
    { org, stream }: z.output<typeof payload>,
    { signal }: JobContext,
  ): Promise<RunAgain | undefined> => {
    const closesAt = performance.now() + RUN_MS;
    for (;;) {
      signal.throwIfAborted();
      const outcome = await delivery.sendBatch(org as OrgId, stream, signal);
      if (outcome.kind === 'failed') return { at: outcome.retryAt, kind: FAILING_STREAM_JOB };
      if (outcome.kind === 'not_due') {
        return outcome.retryAt === undefined ? undefined : { at: outcome.retryAt, kind: FAILING_STREAM_JOB };
      }
      if (!outcome.more) return undefined;
      if (performance.now() > closesAt) return { at: now(), kind: STREAM_JOB };
    }
  };
  const common = { payload, retry: RETRIES_FOR_EVER, handle: serve };
  return {
    scheduled: [defineSchedule('request_audit_streams', 2, () => delivery.requestJobs())],
    send: [
      defineJob({ ...common, name: STREAM_JOB, concurrency: 6 }),
      defineJob({ ...common, name: FAILING_STREAM_JOB, concurrency: 4 }),
    ],
  };
}
