import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What happens to checklists and job functions. */
export const onboardingEvents = declareEvents({
  'user.checklist_updated': {
    target: 'user',
    values: z.record(z.string(), z.boolean()),
    sentence: '{actor} changed the checklist of {target}',
    meaning: 'An item of the checklist of a new user was ticked or unticked.',
  },
  'job_function.updated': {
    target: 'job_function',
    values: z.record(z.string(), z.unknown()),
    sentence: '{actor} changed a job function',
    meaning: 'A job function, the template of an invitation, changed.',
  },
});
