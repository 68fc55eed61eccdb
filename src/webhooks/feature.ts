import type { Core } from '../core.ts';
import { createOutbound } from '../platform/http-client/http-client.ts';
import { createWebhookCommands } from './commands.ts';
import { createDeliveryLog } from './delivery-log.ts';
import { createFanOut } from './fan-out.ts';
import { webhookJobs } from './jobs.ts';
import { createOutgoing } from './outgoing.ts';
import { webhookRoutes } from './routes.ts';
import { createSend } from './send.ts';

/** Events, posted to the addresses that administrators choose. */
export function webhooksFeature(core: Core, settings: { readonly allowPrivateWebhooks: boolean }) {
  const { allowPrivateWebhooks } = settings;
  const fanOut = createFanOut(core);
  const outgoing = createOutgoing(core);
  const outbound = createOutbound({ allowPrivate: allowPrivateWebhooks });
  const { scheduled, deliver } = webhookJobs(outgoing, createSend({ ...core, outgoing, outbound }), fanOut);
  return {
    fanOut,
    /** The jobs that send; tests run them apart from the others. */
    deliver,
    routes: webhookRoutes({
      webhooks: createWebhookCommands({ ...core, allowPrivateWebhooks }),
      deliveryLog: createDeliveryLog(core),
    }),
    jobs: [...scheduled, ...deliver],
  };
}
