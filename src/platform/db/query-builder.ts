import knex, { type Knex } from 'knex';
import type { Database } from './database.ts';

/** Builds the SQL of lists whose conditions and order vary; it has no connection of its own. */
export const builder: Knex = knex({ client: 'pg' });

/** A query that `builder` makes. */
export type Query = Knex.QueryBuilder;

/** Adds a value that raw parts of a query name, and returns its parameter. */
export type Bind = (value: unknown) => string;

/** The values that raw parts of a query name as `$1`, `$2` …, the organization first, and how to add one. */
export function parameters(...fixed: readonly unknown[]): {
  readonly values: readonly unknown[];
  readonly bind: Bind;
} {
  const values = [...fixed];
  return { values, bind: (value) => `$${values.push(value)}` };
}

/**
 * Runs a built query as a search: planned for its values, on a connection of its own.
 * @param fixed the values that its raw parts name (see `parameters`); what the builder binds follows them
 * @throws StatementTimeout after 10 seconds
 */
export function runQuery<Row extends object>(
  db: Database,
  fixed: readonly unknown[],
  query: Query,
): Promise<Row[]> {
  const { sql, bindings } = query.toSQL();
  let last = fixed.length;
  const text = sql.replaceAll(/\\?\?/g, (mark) => {
    if (mark !== '?') return '?';
    last += 1;
    return `$${last}`;
  });
  return db.search<Row>(text, [...fixed, ...bindings]);
}

/** What rows are sorted by: a column, then the id. */
export interface KeysetOrder {
  /** A column or an expression; undefined for the order of ids. */
  readonly column: string | undefined;
  readonly type: 'text' | 'timestamptz';
  readonly id: string;
  readonly descending: boolean;
  /** Where rows without a value come; undefined if every row has one. */
  readonly nulls: 'first' | 'last' | undefined;
}

/** The last row of the page before. */
export interface Cursor {
  /** What it is sorted by, as text. */
  readonly key: string | null;
  readonly id: string;
}

/** A page of what is sorted by ids. */
export interface IdPage {
  /** The last id of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Sorts a query by ids, which are in the order of time, and begins behind one if there is one. */
export function pageById(
  query: Query,
  id: string,
  direction: 'asc' | 'desc',
  { after, limit }: IdPage,
): Query {
  if (after !== undefined) query.where(id, direction === 'asc' ? '>' : '<', after);
  return query.orderBy(id, direction).limit(limit);
}

/** Sorts a query by a column and then by ids, and begins behind a row if there is one. */
export function pageAfter(query: Query, order: KeysetOrder, after: Cursor | undefined, limit: number): Query {
  const { column, type, id, descending, nulls } = order;
  const [direction, sign] = descending ? (['desc', '<'] as const) : (['asc', '>'] as const);
  if (column === undefined) return pageById(query, id, direction, { after: after?.id, limit });
  query.orderByRaw(
    `${column} ${direction}${nulls === undefined ? '' : ` nulls ${nulls}`}, ${id} ${direction}`,
  );
  if (after?.key === null) {
    query.where((rest) => {
      rest.whereRaw(`(${column} is null and ${id} ${sign} ?)`, [after.id]);
      if (nulls === 'first') rest.orWhereRaw(`${column} is not null`);
    });
  } else if (after !== undefined) {
    // The range by itself is what the index can begin at.
    const behind = `(${column} ${sign}= ?::${type} and (${column} ${sign} ?::${type} or ${id} ${sign} ?))`;
    query.where((rest) => {
      rest.whereRaw(behind, [after.key, after.key, after.id]);
      if (nulls === 'last') rest.orWhereRaw(`${column} is null`);
    });
  }
  return query.limit(limit);
}
