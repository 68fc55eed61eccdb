import { z } from 'zod';
import { declareEvents } from './declaration.ts';

/** What is recorded of the audit trail itself. */
export const auditEvents = declareEvents({
  'audit.exported': {
    target: 'organization',
    values: { format: z.string(), from: z.string(), to: z.string() },
    sentence: '{actor} exported the audit trail[ as {format}]',
    meaning: 'Events of the audit trail were exported.',
  },
});
