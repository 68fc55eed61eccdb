import { z } from 'zod';
import { declareEvents } from '../../audit/declaration.ts';

/** What happens to resources. */
export const resourceEvents = declareEvents({
  'resource.created': {
    target: 'resource',
    values: { type: z.string(), owner: z.string() },
    sentence: '{actor} added {target}[ of the type {type}]',
    meaning: 'A resource was added.',
  },
  'resource.updated': {
    target: 'resource',
    attributes: true,
    sentence: '{actor} changed {target}[: {attributes}]',
    meaning: 'The name or the tags of a resource changed.',
  },
  'resource.deleted': {
    target: 'resource',
    sentence: '{actor} removed {target}',
    meaning: 'A resource was removed.',
  },
  'resource.transferred': {
    target: 'resource',
    values: { owner: z.string() },
    sentence: '{actor} transferred {target} to another owner',
    meaning: 'A resource has another owner.',
  },
});
