import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What happens to webhooks. */
export const webhookEvents = declareEvents({
  'webhook.created': {
    target: 'webhook',
    attributes: true,
    values: { events: z.array(z.string()).readonly() },
    sentence: '{actor} added a webhook',
    meaning: 'A webhook was added.',
  },
  'webhook.updated': {
    target: 'webhook',
    attributes: true,
    values: { events: z.array(z.string()).readonly(), enabled: z.boolean() },
    sentence: '{actor} changed a webhook[: {attributes}]',
    meaning: 'The address or the events of a webhook changed, or it was enabled.',
  },
  'webhook.deleted': {
    target: 'webhook',
    sentence: '{actor} removed a webhook',
    meaning: 'A webhook was removed.',
  },
  'webhook.secret_rotated': {
    target: 'webhook',
    sentence: '{actor} replaced the secret of a webhook',
    meaning: 'A webhook has a new secret.',
  },
  'webhook.disabled': {
    target: 'webhook',
    sentence: 'A webhook was disabled',
    meaning: 'A webhook was disabled, by an administrator or by a receiver that answered 410.',
  },
  'webhook.tested': {
    target: 'webhook',
    sentence: '{actor} sent a test message to a webhook',
    meaning: 'A test message was sent to a webhook.',
  },
});
