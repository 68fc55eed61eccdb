import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What users do with their notifications. */
export const notificationEvents = declareEvents({
  'notifications.updated': {
    target: 'user',
    values: z.record(z.string(), z.unknown()),
    sentence: '{actor} changed what they are told of by mail[: {values}]',
    meaning: 'A user chose for some topics how often they are told of them; null is the default.',
  },
});
