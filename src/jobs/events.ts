import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What administrators do with jobs. */
export const jobEvents = declareEvents({
  'job.retried': {
    target: ['job', 'organization'],
    values: { jobs: z.number() },
    sentence: '{actor} queued {jobs, dead job} again',
    meaning: 'A dead job, or all of the organization, were queued again.',
  },
  'job.discarded': {
    target: 'job',
    sentence: '{actor} gave up a dead job',
    meaning: 'A dead job was given up.',
  },
});
