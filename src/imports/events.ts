import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What happens to imports. */
export const importEvents = declareEvents({
  'import.created': {
    target: 'import',
    sentence: '{actor} uploaded a CSV file of users',
    meaning: 'A CSV file was uploaded for an import.',
  },
  'import.confirmed': {
    target: 'import',
    sentence: '{actor} started an import of users',
    meaning: 'An import was started.',
  },
  'import.finished': {
    target: 'import',
    values: z.record(z.string(), z.number()),
    sentence: 'An import of users ended[: {values}]',
    meaning: 'An import ended; the values count its lines by result.',
  },
  'import.discarded': {
    target: 'import',
    sentence: '{actor} discarded an import of users',
    meaning: 'An import was discarded before it was started.',
  },
});
