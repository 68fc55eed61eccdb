import type { NamedField, Page, Position, Sort } from '../predicate.ts';
import { sortSql } from './predicate-sql.ts';
import type { Bindings, SqlSchema } from './sql-schema.ts';

/** Where a page starts: after so many rows, or after a row; without a row, at the beginning of the list. */
export type Start = { readonly offset: number } | { readonly after: Position | undefined };

const indexed: ReadonlySet<NamedField> = new Set<NamedField>(['id', 'userName', 'displayName']);

/**
 * Whether an index has the rows of a page in its order, beginning with the first. Links are looked up for such rows one by
 * one: a join of both tables would read all links before the page (ADR 0021).
 */
export function isIndexed({ sort }: Page, start: Start): boolean {
  if (!('after' in start)) return false;
  return sort === undefined || (sort.field.kind === 'named' && indexed.has(sort.field.name));
}

/** Makes the conditions of a statement that reads a part of what follows a position. */
export type KeysetPart = (bindings: Bindings) => readonly string[];

/** Characters of a text of the document that rows are sorted by after a position, which a cursor has to hold. */
const MAX_SORTED_TEXT = 512;

/** The expression that a page is sorted by; undefined for the order of ids. */
export function sortKey({ sort }: Page, schema: SqlSchema, start: Start): string | undefined {
  if (sort === undefined) return undefined;
  const sql = sortSql(sort.field, sort.collection, schema);
  const isShortened = 'after' in start && sort.field.kind === 'document' && sort.field.type === 'text';
  return isShortened ? `left(${sql}, ${MAX_SORTED_TEXT})` : sql;
}

/**
 * The rows from a start on, as parts that are read one after the other: an index finds the beginning of each, which it
 * could not do for a condition that combines them with `or`. Rows without a value come last in ascending order
 * (RFC 7644 §3.4.2.3).
 */
export function partsOf(start: Start, page: Page, schema: SqlSchema): readonly KeysetPart[] {
  const position = 'after' in start ? start.after : undefined;
  if (position === undefined) return [() => []];
  const id = `${schema.alias}.id`;
  const key = sortKey(page, schema, start);
  const greaterId = ({ bind }: Bindings) => `${id} > ${bind(position.id)}::uuid`;
  if (page.sort === undefined || key === undefined) return [(bindings) => [greaterId(bindings)]];
  const { descending } = page.sort;
  if (position.key === null || position.key === undefined) {
    const withoutValue: KeysetPart = (bindings) => [`${key} is null`, greaterId(bindings)];
    return descending ? [withoutValue, () => [`${key} is not null`]] : [withoutValue];
  }
  const { key: value } = position;
  const type = typeOf(page.sort, schema);
  const sign = descending ? '<' : '>';
  const beyondValue: KeysetPart = (bindings) => {
    const bound = `${bindings.bind(value)}::${type}`;
    // The first condition repeats what the second one implies: an index starts at it.
    return [`${key} ${sign}= ${bound}`, `(${key} ${sign} ${bound} or ${greaterId(bindings)})`];
  };
  return descending ? [beyondValue] : [beyondValue, () => [`${key} is null`]];
}

/** The type of a sort key in SQL. */
function typeOf({ field }: Sort, schema: SqlSchema): string {
  if (field.kind === 'named' && schema.fields.get(field.name)?.compares === 'by id') return 'uuid';
  return { text: 'text', number: 'numeric', boolean: 'boolean', instant: 'timestamptz' }[field.type];
}

/** Rows without a value come last in ascending order (RFC 7644 §3.4.2.3); ties are in the order of ids. */
export function orderBy({ sort }: Page, schema: SqlSchema, key: string | undefined): string {
  const id = `${schema.alias}.id`;
  if (sort === undefined || key === undefined) return id;
  return `${key} ${sort.descending ? 'desc nulls first' : 'asc nulls last'}, ${id}`;
}
