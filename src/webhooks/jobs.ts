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
import type { Outgoing } from './outgoing.ts';
import type { Send } from './send.ts';
import { DELIVERY_JOB, FAILING_DELIVERY_JOB } from './store/delivery-jobs.ts';

const payload = z.object({ org: z.uuid(), webhook: z.uuid() });

/** A job serves its webhook for so long before others get its slot. */
const RUN_MS = 20_000;

/** Declares the jobs that make deliveries of events and send those that are due, one job for each webhook. */
export function webhookJobs(
  outgoing: Outgoing,
  send: Send,
  fanOut: (signal: AbortSignal) => Promise<void>,
): { readonly scheduled: readonly JobKind[]; readonly deliver: readonly JobKind[] } {
  const serve =
    (deliveries: number, servesFailing: boolean) =>
    async (
      { org, webhook: id }: z.output<typeof payload>,
      { signal, lease }: JobContext,
    ): Promise<RunAgain | undefined> => {
      const closesAt = performance.now() + RUN_MS;
      for (;;) {
        signal.throwIfAborted();
        const webhook = await outgoing.find(org as OrgId, id);
        if (webhook === undefined) return undefined;
        const begun = await outgoing.begin(webhook, lease, deliveries);
        await Promise.all(begun.map((delivery) => send(delivery, signal)));
        const next = await outgoing.next(webhook);
        if (next === undefined) return undefined;
        if (begun.length === 0 || next.failing !== servesFailing || performance.now() > closesAt) {
          const kind = next.failing ? FAILING_DELIVERY_JOB : DELIVERY_JOB;
          return { at: new Date(next.dueAt), kind };
        }
      }
    };
  const common = { payload, retry: RETRIES_FOR_EVER };

  return {
    scheduled: [
      defineSchedule('fan_out_webhooks', 2, fanOut),
      defineSchedule('request_missing_deliveries', 60, () => outgoing.requestMissing()),
    ],
    deliver: [
      defineJob({ ...common, name: DELIVERY_JOB, concurrency: 12, handle: serve(4, false) }),
      defineJob({ ...common, name: FAILING_DELIVERY_JOB, concurrency: 6, handle: serve(1, true) }),
    ],
  };
}
