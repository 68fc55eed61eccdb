import type { JobHandler } from '../../jobs/queue.ts';

export const WEBHOOK_JOB = 'deliver_webhooks';
/** How often the schedule looks for events and for what is due. */
export const WEBHOOK_SECONDS = 3;

/** Builds the handler that makes deliveries of what happened and sends those that are due. */
export function createWebhookHandler(fanOut: () => Promise<void>, send: () => Promise<void>): JobHandler {
  return async () => {
    await fanOut();
    await send();
  };
}
