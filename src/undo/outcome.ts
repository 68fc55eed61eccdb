import type { ItemOutcome } from './store/items.ts';

/** Undone, as the plan says. */
export const UNDONE: ItemOutcome = { result: 'undo' };

/** Someone was faster: nothing is written. @param message a sentence about what is so now */
export const leftAsIs = (message: string): ItemOutcome => ({
  result: 'skip',
  code: 'changed_since',
  message,
});
