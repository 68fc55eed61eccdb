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
  'audit.seal_published': {
    target: 'organization',
    values: { seal: z.number(), digest: z.string() },
    sentence: 'Seal {seal} of the audit trail was sent out',
    meaning:
      'The newest seal of the audit trail was sent to those who keep it elsewhere; its digest is a value.',
  },
});
