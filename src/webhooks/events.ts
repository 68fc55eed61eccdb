import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What happens to webhooks. */
export const webhookEvents = declareEvents({
  'webhook.created': {
    target: 'webhook',
    attributes: true,
    values: { events: z.array(z.string()).readonly() },
    meaning: 'A webhook was added.',
  },
  'webhook.updated': {
    target: 'webhook',
    attributes: true,
    values: { events: z.array(z.string()).readonly(), enabled: z.boolean() },
    meaning: 'The address or the events of a webhook changed, or it was enabled.',
  },
  'webhook.deleted': { target: 'webhook', meaning: 'A webhook was removed.' },
  'webhook.secret_rotated': { target: 'webhook', meaning: 'A webhook has a new secret.' },
  'webhook.disabled': {
    target: 'webhook',
    meaning: 'A webhook was disabled, by an administrator or by a receiver that answered 410.',
  },
  'webhook.tested': { target: 'webhook', meaning: 'A test message was sent to a webhook.' },
});
