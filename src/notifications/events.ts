import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What users do with their notifications. */
export const notificationEvents = declareEvents({
  'notifications.updated': {
    target: 'user',
    values: z.record(z.string(), z.unknown()),
    sentence: '{actor} changed their notification settings[: {values}]',
    meaning: 'A user chose how often they get mails about some topics; null is the default.',
  },
});
