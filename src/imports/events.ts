import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What happens to imports. */
export const importEvents = declareEvents({
  'import.created': { target: 'import', meaning: 'A CSV file was uploaded for an import.' },
  'import.confirmed': { target: 'import', meaning: 'An import was started.' },
  'import.finished': {
    target: 'import',
    values: z.record(z.string(), z.number()),
    meaning: 'An import ended; the values count its lines by result.',
  },
  'import.discarded': { target: 'import', meaning: 'An import was discarded before it was started.' },
});
