import type { Predicate } from '../../directory/search/predicate.ts';

/**
 * Whether one element of a multi-valued attribute fulfils a value path's filter. Lists are searched in SQL;
 * this is for the few elements of a resource that a PATCH has in hand, by the same rules.
 */
export function matches(predicate: Predicate, element: unknown): boolean {
  switch (predicate.kind) {
    case 'and':
      return predicate.all.every((each) => matches(each, element));
    case 'or':
      return predicate.all.some((each) => matches(each, element));
    case 'not':
      return !matches(predicate.operand, element);
    case 'present': {
      const value = read(predicate.field, element);
      return value !== undefined && value !== null && value !== '';
    }
    case 'compare': {
      const value = read(predicate.field, element);
      return value !== undefined && compare(value, predicate);
    }
    case 'among': {
      const value = read(predicate.field, element);
      const { field, values } = predicate;
      return values.some(
        (each) =>
          value !== undefined && compare(value, { kind: 'compare', field, comparator: 'eq', value: each }),
      );
    }
    case 'some':
      return false;
  }
}

type Comparison = Predicate & { kind: 'compare' };

function read(field: Comparison['field'], element: unknown): unknown {
  if (field.kind === 'named') return undefined;
  let value = element;
  for (const key of field.keys) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function compare(value: unknown, { field, comparator, value: wanted }: Comparison): boolean {
  if (typeof value !== typeof wanted) return false;
  if (typeof value === 'string' && typeof wanted === 'string') {
    if (field.type === 'instant') return ordered(Date.parse(value), Date.parse(wanted), comparator);
    const exact = field.kind === 'document' && field.caseExact;
    const fold = (text: string) => (exact ? text : text.normalize('NFC').toLowerCase());
    const [left, right] = [fold(value), fold(wanted)];
    if (comparator === 'co') return left.includes(right);
    if (comparator === 'sw') return left.startsWith(right);
    if (comparator === 'ew') return left.endsWith(right);
    return ordered(left, right, comparator);
  }
  return ordered(value as number, wanted as number, comparator);
}

function ordered<Value extends string | number>(
  left: Value,
  right: Value,
  comparator: Comparison['comparator'],
): boolean {
  switch (comparator) {
    case 'eq':
      return left === right;
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
    case 'lt':
      return left < right;
    case 'le':
      return left <= right;
    default:
      return false;
  }
}
