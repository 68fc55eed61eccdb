import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What administrators do with jobs. */
export const jobEvents = declareEvents({
  'job.retried': {
    target: ['job', 'organization'],
    values: { jobs: z.number() },
    meaning: 'A dead job, or all of the organization, were queued again.',
  },
  'job.discarded': { target: 'job', meaning: 'A dead job was given up.' },
});
