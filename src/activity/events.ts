import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What is recorded of activity: who took it out. What applications report are no events of the audit trail. */
export const activityEvents = declareEvents({
  'activity.exported': {
    target: 'organization',
    values: { format: z.string(), from: z.string(), to: z.string(), users: z.number() },
    sentence: '{actor} exported activity[ as {format}]',
    meaning: 'Activity of users was exported.',
  },
});
