import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What is recorded of history itself. */
export const historyEvents = declareEvents({
  'history.exported': {
    target: 'organization',
    values: { format: z.string(), from: z.string(), to: z.string() },
    sentence: '{actor} exported what changed between two moments[: from {from}][ to {to}]',
    meaning: 'The differences of two moments were exported.',
  },
  'history.bundled': {
    target: 'organization',
    values: {
      asOf: z.string(),
      from: z.string(),
      to: z.string(),
      reviewId: z.string(),
      review: z.string(),
    },
    sentence:
      '{actor} asked for an auditor’s bundle[ as of {asOf}][, with the changes from {from}][ to {to}][, with the access review {review}]',
    meaning: 'A signed bundle of state, changes or an access review was asked for.',
  },
});
