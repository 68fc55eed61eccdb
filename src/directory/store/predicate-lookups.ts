import type { Predicate } from '../predicate.ts';
import { caseKey } from '../rules/keys.ts';
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
      return fieldLookups(schema.fields.get(predicate.field.name), String(predicate.value));
    default:
      return undefined;
  }
}

function fieldLookups(field: SqlField | undefined, value: string): IdLookups | undefined {
  const lookup = field?.lookup;
  if (lookup === undefined) return undefined;
  const key =
    field?.compares === 'by key' ? caseKey(value) : field?.compares === 'by id' ? uuidOf(value) : value;
  return (bindings) => (key === undefined ? [] : [lookup(bindings.bind(key))]);
}

/** @returns selects of the ids of rows with an element of the value that `where` demands; undefined if it demands none */
export function collectionLookups(
  known: SqlCollection | undefined,
  where: Predicate | undefined,
): IdLookups | undefined {
  const demanded = demandedValue(where);
  if (known?.lookup === undefined || demanded === undefined) return undefined;
  const { lookup, lookupKey } = known;
  const key = lookupKey(demanded);
  return (bindings) => (key === undefined ? [] : [lookup(bindings.bind(key))]);
}

/** The value that an element must have to fulfil `where`, if it demands one by `eq`. */
export function demandedValue(where: Predicate | undefined): string | undefined {
  if (where === undefined) return undefined;
  if (where.kind === 'and') {
    for (const each of where.all) {
      const value = demandedValue(each);
      if (value !== undefined) return value;
    }
  }
  if (where.kind !== 'compare' || where.comparator !== 'eq' || typeof where.value !== 'string')
    return undefined;
  const isValue =
    where.field.kind === 'named' ? where.field.name === 'value' : where.field.keys.join('.') === 'value';
  return isValue ? where.value : undefined;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** @returns a text that Postgres reads as a UUID, or undefined: then nothing has it */
export function uuidOf(text: string): string | undefined {
  return uuid.test(text) ? text.toLowerCase() : undefined;
}
