import type { NamedField } from '../predicate.ts';

/** What a resource's named fields and collections are in SQL. */
export interface SqlSchema {
  /** Alias of the table whose `profile` is the document. */
  readonly alias: string;
  readonly fields: ReadonlyMap<NamedField, SqlField>;
  readonly collections: ReadonlyMap<string, SqlCollection>;
}

export interface SqlField {
  readonly sql: string;
  /** How a value must look to be compared: as it is, as a lower-cased key, folded with the field, or as a UUID. */
  readonly compares: 'exactly' | 'by key' | 'folded' | 'by id';
  /**
   * Ids of the rows whose field equals the operand, found by an index; absent if no index has the field.
   * @param operand a UUID for what compares by id, else a text: `$3::text` or `any($3::text[])`
   */
  readonly lookup?: (operand: string) => string;
}

/** A collection that is rows of its own, or an index beside the document that narrows the search first. */
export interface SqlCollection {
  /** `exists (select from <source> and <where>)`; absent for a collection of the document. */
  readonly source?: string;
  readonly fields?: ReadonlyMap<NamedField, SqlField>;
  /** Ids of the rows whose collection has an element with `value` equal to the operand. */
  readonly lookup?: (operand: string) => string;
  readonly lookupType: 'text' | 'uuid';
  readonly lookupKey: (value: string) => string | undefined;
}

/** Collects the values of a statement in their order. */
export interface Bindings {
  /** @returns the placeholder, `$n` */
  bind(value: unknown): string;
}
