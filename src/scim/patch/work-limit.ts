import type { Predicate } from '../../directory/search/predicate.ts';
import { ScimError } from '../errors.ts';
import { type Attribute, pathOf } from '../schema/attribute.ts';
import type { PatchOperation } from './operation.ts';

/** Characters that the operations of one PATCH may go through, counted once for each operation: a second or two. */
const MAX_CHARACTERS = 40_000_000;

/** A comparison normalizes the text and folds its case, which takes longer than copying it. */
const COMPARISON_WEIGHT = 10;

/**
 * Limits the work of the operations on multi-valued attributes: each goes through all values of its attribute, so that a
 * thousand operations on some thousand values would delay the requests of all organizations.
 * @returns a function to call before an operation is applied, with the values that its attribute has at that moment;
 *   it throws ScimError 413 once the operations together would take too long
 */
export function createWorkLimit(): (operation: PatchOperation, present: unknown) => void {
  const sizes = new Map<Attribute, number>();
  let total = 0;
  return (operation, present) => {
    const { op, attribute, selection, sub, value } = operation;
    if (!attribute.multiValued) return;
    const isWhole = selection === undefined && sub === undefined;
    const sent = sizeOf(value);
    if (isWhole && op !== 'add') {
      sizes.set(attribute, sent);
      return;
    }
    const size = sizes.get(attribute) ?? sizeOf(present);
    // A value that goes into each selected element is written as often.
    const added = isWhole || !Array.isArray(present) ? sent : sent * present.length;
    const comparisons = selection === undefined ? 0 : countComparisons(selection.predicate);
    sizes.set(attribute, size + added);
    total += size * (1 + COMPARISON_WEIGHT * comparisons) + added;
    if (total <= MAX_CHARACTERS) return;
    throw new ScimError(
      413,
      undefined,
      `The operations on "${pathOf(attribute)}" go through too many values: send fewer of them at a time.`,
    );
  };
}

function sizeOf(value: unknown): number {
  return value === undefined ? 0 : JSON.stringify(value).length;
}

function countComparisons(predicate: Predicate): number {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.all.reduce((sum, part) => sum + countComparisons(part), 0);
    case 'not':
      return countComparisons(predicate.operand);
    case 'among':
      return predicate.values.length;
    default:
      return 1;
  }
}
