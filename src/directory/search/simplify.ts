import { isUuid } from '../../platform/ids.ts';
import type { Field, NamedField, Predicate } from './predicate.ts';

/** What is asked for, and where its location begins. */
export interface Asked {
  readonly kind: 'User' | 'Group';
  readonly baseUrl: string;
}

/** Fields that each has. */
const ALWAYS: Readonly<Record<Asked['kind'], ReadonlySet<NamedField>>> = {
  User: new Set<NamedField>(['id', 'userName', 'active', 'createdAt', 'updatedAt', 'kind', 'location']),
  Group: new Set<NamedField>(['id', 'displayName', 'createdAt', 'updatedAt', 'kind', 'location']),
};

const ID: Field = { kind: 'named', name: 'id', type: 'text' };
const NO_MATCH: Predicate = { kind: 'among', field: ID, values: [] };

/**
 * Leaves away what is true or false of everyone, which would be asked of each row: that an id is there, that a user is a
 * User. A location is an id.
 * @returns undefined if everyone fulfils the predicate
 */
export function simplify(predicate: Predicate | undefined, asked: Asked): Predicate | undefined {
  if (predicate === undefined) return undefined;
  const known = reduce(predicate, asked);
  if (known === true) return undefined;
  return known === false ? NO_MATCH : known;
}

function reduce(predicate: Predicate, asked: Asked): Predicate | boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or': {
      const decides = predicate.kind === 'or';
      const all = predicate.all.map((each) => reduce(each, asked));
      if (all.includes(decides)) return decides;
      const open = all.filter((each) => typeof each !== 'boolean');
      const [only] = open;
      if (only === undefined) return !decides;
      return open.length === 1 ? only : { ...predicate, all: open };
    }
    case 'not': {
      const operand = reduce(predicate.operand, asked);
      return typeof operand === 'boolean' ? !operand : { ...predicate, operand };
    }
    case 'present':
      return predicate.field.kind === 'named' && ALWAYS[asked.kind].has(predicate.field.name)
        ? true
        : predicate;
    case 'compare':
      return compared(predicate, asked);
    case 'among':
    case 'some':
      return predicate;
  }
}

function compared(
  predicate: Extract<Predicate, { kind: 'compare' }>,
  { kind, baseUrl }: Asked,
): Predicate | boolean {
  const { field, comparator, value } = predicate;
  if (field.kind !== 'named' || typeof value !== 'string') return predicate;
  if (field.name === 'location' && comparator === 'eq') {
    const before = `${baseUrl}/${kind}s/`;
    const id = value.slice(before.length);
    return value.startsWith(before) && isUuid(id)
      ? { kind: 'compare', field: ID, comparator: 'eq', value: id }
      : false;
  }
  if (field.name !== 'kind') return predicate;
  switch (comparator) {
    case 'eq':
      return kind === value;
    case 'sw':
      return kind.startsWith(value);
    case 'co':
      return kind.includes(value);
    case 'ew':
      return kind.endsWith(value);
    default:
      return predicate;
  }
}
