import type { Collection, Comparator, NamedField, Page, Predicate } from '../predicate.ts';
import { requiredValues } from './predicate-lookups.ts';

const keys: ReadonlySet<NamedField> = new Set<NamedField>(['id', 'userName', 'externalId', 'displayName']);

/** True if no index serves the page's filter or order. */
export function mayScan({ sort, where }: Page): boolean {
  return sort !== undefined || (where !== undefined && !isLookup(where));
}

/** True if a filter can match only a handful of rows that an index finds. */
export function isLookup(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'and':
      return predicate.all.some(isLookup);
    case 'or':
      return predicate.all.every(isLookup);
    case 'compare':
      return (
        predicate.comparator === 'eq' && predicate.field.kind === 'named' && keys.has(predicate.field.name)
      );
    case 'among':
      return predicate.field.kind === 'named' && keys.has(predicate.field.name);
    case 'some':
      return isEmails(predicate.collection) && requiredValues(predicate.where) !== undefined;
    default:
      return false;
  }
}

/** What an index has by its whole value only. */
const whole: ReadonlySet<NamedField> = new Set<NamedField>(['id', 'externalId', 'location']);
const parts: ReadonlySet<Comparator> = new Set<Comparator>(['sw', 'co', 'ew']);

/**
 * True if a filter compares otherwise than the indexes do: documents by anything but `eq` and `pr`, ids by parts of them.
 * Parts of e-mail addresses have an index.
 * @param collection of whose elements the predicate is asked
 */
export function asksUnindexed(predicate: Predicate, collection?: Collection): boolean {
  const asksAny = (some: readonly Predicate[]) => some.some((each) => asksUnindexed(each, collection));
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return asksAny(predicate.all);
    case 'not':
      // Another element may be the one that fulfils it: all that have one are asked.
      return collection?.kind === 'document' || asksAny([predicate.operand]);
    case 'some':
      return predicate.where !== undefined && asksUnindexed(predicate.where, predicate.collection);
    case 'compare': {
      const { field, comparator } = predicate;
      if (field.kind === 'named') return whole.has(field.name) && parts.has(comparator);
      const isAddress = isEmails(collection) && field.keys.join('.') === 'value';
      return comparator !== 'eq' && !(isAddress && parts.has(comparator));
    }
    default:
      return false;
  }
}

function isEmails(collection: Collection | undefined): boolean {
  return collection?.kind === 'document' && collection.keys.join('.') === 'emails';
}

/** True if a filter compares the external id: its links are then not looked up for one user after the other. */
export function comparesExternalId(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.all.some(comparesExternalId);
    case 'not':
      return comparesExternalId(predicate.operand);
    case 'compare':
    case 'among':
      return predicate.field.kind === 'named' && predicate.field.name === 'externalId';
    default:
      return false;
  }
}
