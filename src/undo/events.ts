import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

/** What happens to undos; each change that an undo makes is an event of its own besides. */
export const undoEvents = declareEvents({
  'undo.started': {
    target: 'undo',
    values: { batch: z.string(), source: z.string(), from: z.string(), to: z.string(), changes: z.number() },
    reason: true,
    sentence: '{actor} started to undo {changes, change} of a batch ({batch}) from {from} to {to}',
    meaning:
      'The undo of a batch was started: of a connection within a span of time, an import, a request or another undo; source is its id.',
  },
  'undo.finished': {
    target: 'undo',
    values: { undone: z.number(), skipped: z.number(), failed: z.number() },
    sentence: 'The undo of a batch ended: {undone} undone, {skipped} left unchanged, {failed} failed',
    meaning: 'The undo of a batch ended; the values count its items by result.',
  },
});
