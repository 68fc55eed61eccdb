import { z } from 'zod';
import type { OrgId } from '../directory/ids.ts';
import { defineJob, type JobContext, type JobKind, type RunAgain } from '../platform/jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../platform/jobs/retry-policy.ts';
import type { StreamDelivery } from './delivery.ts';
import { FAILING_STREAM_JOB, STREAM_JOB } from './store/stream-jobs.ts';

const payload = z.object({ org: z.uuid(), stream: z.uuid() });

/** A job serves its stream for so long before others get its slot. */
const RUN_MS = 20_000;

/** A stream has waits of its own; the job fails only if our database does. */
const RETRY_ALWAYS = {
  ...BRIEF_RETRIES,
  attempts: Number.POSITIVE_INFINITY,
  days: Number.POSITIVE_INFINITY,
  longestWaitSeconds: 60,
};

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
  const common = { payload, retry: RETRY_ALWAYS, handle: serve };
  return {
    scheduled: [
      defineJob({
        name: 'request_audit_streams',
        payload: z.object({}),
        retry: BRIEF_RETRIES,
        everySeconds: 2,
        handle: () => delivery.requestJobs(),
      }),
    ],
    send: [
      defineJob({ ...common, name: STREAM_JOB, concurrency: 6 }),
      defineJob({ ...common, name: FAILING_STREAM_JOB, concurrency: 4 }),
    ],
  };
}
