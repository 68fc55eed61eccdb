import { z } from 'zod';
import { declareEvents } from '../../audit/declaration.ts';

/** What happens to resources. */
export const resourceEvents = declareEvents({
  'resource.created': {
    target: 'resource',
    values: { type: z.string(), owner: z.string() },
    meaning: 'A resource was added.',
  },
  'resource.updated': {
    target: 'resource',
    attributes: true,
    meaning: 'The name or the tags of a resource changed.',
  },
  'resource.deleted': { target: 'resource', meaning: 'A resource was removed.' },
  'resource.transferred': {
    target: 'resource',
    values: { owner: z.string() },
    meaning: 'A resource has another owner.',
  },
});
