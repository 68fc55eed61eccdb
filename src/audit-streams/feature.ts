import type { AuditQueries } from '../audit/queries.ts';
import type { Core } from '../core.ts';
import { createOutbound } from '../platform/http-client/http-client.ts';
import { createStreamCommands } from './commands.ts';
import { createStreamDelivery } from './delivery.ts';
import { streamJobs } from './jobs.ts';
import { createStreamQueries } from './queries.ts';
import { auditStreamRoutes } from './routes.ts';

/** The audit trail, sent to a SIEM as it happens. */
export function auditStreamsFeature(
  core: Core,
  { allowPrivateWebhooks, audit }: { readonly allowPrivateWebhooks: boolean; readonly audit: AuditQueries },
) {
  const outbound = createOutbound({ allowPrivate: allowPrivateWebhooks });
  const delivery = createStreamDelivery({ ...core, outbound, audit });
  const { scheduled, send } = streamJobs(delivery, core.now);
  return {
    /** The jobs that send; tests run them apart from the others. */
    send,
    requestJobs: delivery.requestJobs,
    routes: auditStreamRoutes({
      streams: createStreamCommands({ ...core, delivery, outbound }),
      streamQueries: createStreamQueries(core),
    }),
    jobs: [...scheduled, ...send],
  };
}
