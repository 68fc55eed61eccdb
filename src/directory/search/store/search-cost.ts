import type { NamedField, Page, Predicate } from '../predicate.ts';
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
      return (
        predicate.collection.kind === 'document' &&
        predicate.collection.keys.join('.') === 'emails' &&
        requiredValues(predicate.where) !== undefined
      );
    default:
      return false;
  }
}

/** True if a filter compares a text of the document otherwise than by `eq`, which no index has; e-mails have one. */
export function asksParts(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.all.some(asksParts);
    case 'not':
      return asksParts(predicate.operand);
    case 'some': {
      const isEmail = predicate.collection.kind === 'document' && predicate.collection.keys[0] === 'emails';
      return predicate.where !== undefined && !isEmail && asksParts(predicate.where);
    }
    case 'compare':
      return predicate.field.kind === 'document' && predicate.comparator !== 'eq';
    default:
      return false;
  }
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
