/** The directory's query language: what a list may ask, in no protocol's words. The store makes SQL of it. */

export type ValueType = 'text' | 'number' | 'boolean' | 'instant';

/** What the store keeps in columns or derives, by name. */
export type UserField =
  | 'id'
  | 'externalId'
  | 'userName'
  | 'displayName'
  | 'active'
  | 'createdAt'
  | 'updatedAt'
  | 'location'
  | 'kind';
export type GroupField =
  | 'id'
  | 'externalId'
  | 'displayName'
  | 'createdAt'
  | 'updatedAt'
  | 'location'
  | 'kind';
/** The fields of a user's group and of a group's member. */
export type ReferenceField = 'value' | 'display' | 'type' | 'ref';
export type NamedField = UserField | GroupField | ReferenceField;

export type Field =
  | { readonly kind: 'named'; readonly name: NamedField; readonly type: ValueType }
  | {
      readonly kind: 'document';
      /** From the document's root, or from the element inside `some`; empty for the element itself. */
      readonly keys: readonly string[];
      readonly type: ValueType;
      readonly caseExact: boolean;
    };

export type Collection =
  | { readonly kind: 'named'; readonly name: 'groups' | 'members' }
  | { readonly kind: 'document'; readonly keys: readonly string[] };

export type Comparator = 'eq' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

export type Predicate =
  | { readonly kind: 'and' | 'or'; readonly all: readonly Predicate[] }
  | { readonly kind: 'not'; readonly operand: Predicate }
  | { readonly kind: 'present'; readonly field: Field }
  | {
      readonly kind: 'compare';
      readonly field: Field;
      readonly comparator: Comparator;
      readonly value: string | number | boolean;
    }
  /** The field, a text, equals one of the values. */
  | { readonly kind: 'among'; readonly field: Field; readonly values: readonly string[] }
  /** One element of the collection fulfils the whole of `where`; without `where`, there is an element. */
  | { readonly kind: 'some'; readonly collection: Collection; readonly where: Predicate | undefined };

export interface Sort {
  readonly field: Field;
  /** Sorting by a collection takes the primary element's value, else the first's. */
  readonly collection: Collection | undefined;
  readonly descending: boolean;
}

/** A page of a list: rows from `offset` (0-based), at most `limit`; a limit of 0 asks only for the total. */
export interface Page {
  readonly where: Predicate | undefined;
  readonly sort: Sort | undefined;
  readonly offset: number;
  readonly limit: number;
  /** Where derived references point; only a predicate on them needs it. */
  readonly baseUrl: string;
}

/** A row of a list, after which a page starts. */
export interface Position {
  readonly id: string;
  /** What the list is sorted by, as text; null if the row has no value; undefined in the order of ids. */
  readonly key?: string | null | undefined;
}
