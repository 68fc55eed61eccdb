import type { Field, Predicate } from '../../directory/search/predicate.ts';

/**
 * Joins alternatives by `or`. Those that compare one text with a value each become one that has all the values:
 * hundreds of them are then one comparison for Postgres.
 */
export function anyOf(alternatives: readonly Predicate[]): Predicate {
  const merged: Predicate[] = [];
  const places = new Map<string, number>();
  for (const each of alternatives) {
    const key = keyOf(each);
    const place = key === undefined ? undefined : places.get(key);
    const before = place === undefined ? undefined : merged[place];
    if (before !== undefined && place !== undefined) {
      merged[place] = withValues(before, [...valuesOf(before), ...valuesOf(each)]);
      continue;
    }
    if (key !== undefined) places.set(key, merged.length);
    merged.push(each);
  }
  const [only] = merged;
  return only !== undefined && merged.length === 1 ? only : { kind: 'or', all: merged };
}

/** What alternatives must have in common to be merged; undefined for what is not a text compared by `eq`. */
function keyOf(predicate: Predicate): string | undefined {
  const field = fieldOf(predicate.kind === 'some' ? predicate.where : predicate);
  if (field === undefined) return undefined;
  return JSON.stringify([predicate.kind === 'some' ? predicate.collection : null, field]);
}

function fieldOf(predicate: Predicate | undefined): Field | undefined {
  const isValue =
    predicate?.kind === 'compare' &&
    predicate.comparator === 'eq' &&
    predicate.field.type === 'text' &&
    typeof predicate.value === 'string';
  return isValue || predicate?.kind === 'among' ? predicate.field : undefined;
}

function valuesOf(predicate: Predicate): readonly string[] {
  if (predicate.kind === 'some') return predicate.where === undefined ? [] : valuesOf(predicate.where);
  if (predicate.kind === 'among') return predicate.values;
  return predicate.kind === 'compare' ? [String(predicate.value)] : [];
}

function withValues(predicate: Predicate, values: readonly string[]): Predicate {
  if (predicate.kind === 'some' && predicate.where !== undefined) {
    return { ...predicate, where: withValues(predicate.where, values) };
  }
  return predicate.kind === 'compare' || predicate.kind === 'among'
    ? { kind: 'among', field: predicate.field, values }
    : predicate;
}
