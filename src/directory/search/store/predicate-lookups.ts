import { parseUuid } from '../../../platform/ids.ts';
import { caseKey } from '../../rules/comparison-keys.ts';
import type { Field, Predicate } from '../predicate.ts';
import type { Bindings, SqlCollection, SqlField, SqlSchema } from './sql-schema.ts';

/** Binds its values when it is called: only what is used may be bound. */
export type IdLookups = (bindings: Bindings) => readonly string[];

/** @returns selects of every id that can fulfil the predicate; undefined if an index cannot tell */
export function idLookups(predicate: Predicate, schema: SqlSchema): IdLookups | undefined {
  switch (predicate.kind) {
    case 'or': {
      const each = predicate.all.map((one) => idLookups(one, schema));
      if (!each.every((one) => one !== undefined)) return undefined;
      return (bindings) => each.flatMap((one) => one(bindings));
    }
    case 'and':
      for (const one of predicate.all) {
        const lookups = idLookups(one, schema);
        if (lookups !== undefined) return lookups;
      }
      return undefined;
    case 'some': {
      const { collection } = predicate;
      const name = collection.kind === 'named' ? collection.name : collection.keys.join('.');
      return collectionLookups(schema.collections.get(name), predicate.where);
    }
    case 'compare':
      if (predicate.comparator !== 'eq' || predicate.field.kind !== 'named') return undefined;
      return fieldLookups(schema.fields.get(predicate.field.name), [String(predicate.value)]);
    case 'among':
      if (predicate.field.kind !== 'named') return undefined;
      return fieldLookups(schema.fields.get(predicate.field.name), predicate.values);
    default:
      return undefined;
  }
}

function fieldLookups(field: SqlField | undefined, values: readonly string[]): IdLookups | undefined {
  const lookup = field?.lookup;
  if (lookup === undefined) return undefined;
  const keyOf = field?.compares === 'by key' ? caseKey : field?.compares === 'by id' ? parseUuid : same;
  return lookupsOf(lookup, field?.compares === 'by id' ? 'uuid' : 'text', values.map(keyOf));
}

const same = (value: string): string => value;

/** One lookup for all keys; none if there are no keys. */
function lookupsOf(
  lookup: (operand: string) => string,
  type: SqlCollection['lookupType'],
  keys: readonly (string | undefined)[],
): IdLookups {
  const known = keys.filter((key) => key !== undefined);
  const [only] = known;
  if (only === undefined) return () => [];
  return (bindings) => [
    lookup(
      known.length === 1 ? `${bindings.bind(only)}::${type}` : `any(${bindings.bind(known)}::${type}[])`,
    ),
  ];
}

/** @returns selects of the ids of rows with an element of a value that `where` demands; undefined if it demands none */
export function collectionLookups(
  known: SqlCollection | undefined,
  where: Predicate | undefined,
): IdLookups | undefined {
  const required = requiredValues(where);
  if (known?.lookup === undefined || required === undefined) return undefined;
  return lookupsOf(known.lookup, known.lookupType, required.map(known.lookupKey));
}

/** The values of which an element must have one to fulfil `where`, if it demands them by `eq`. */
export function requiredValues(where: Predicate | undefined): readonly string[] | undefined {
  if (where === undefined) return undefined;
  if (where.kind === 'and') {
    for (const each of where.all) {
      const values = requiredValues(each);
      if (values !== undefined) return values;
    }
  }
  if (where.kind === 'among') return isValue(where.field) ? where.values : undefined;
  if (where.kind !== 'compare' || where.comparator !== 'eq' || typeof where.value !== 'string')
    return undefined;
  return isValue(where.field) ? [where.value] : undefined;
}

function isValue(field: Field): boolean {
  return field.kind === 'named' ? field.name === 'value' : field.keys.join('.') === 'value';
}
