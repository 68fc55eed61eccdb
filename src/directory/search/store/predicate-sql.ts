import { parseUuid } from '../../../platform/ids.ts';
import { caseKey } from '../../rules/comparison-keys.ts';
import type { Collection, Comparator, Field, NamedField, Predicate, ValueType } from '../predicate.ts';
import { folded, operate, operateText } from './comparison-sql.ts';
import { collectionLookups, idLookups } from './predicate-lookups.ts';
import type { Bindings, SqlCollection, SqlField, SqlSchema } from './sql-schema.ts';

/**
 * Makes SQL of a predicate: every value a binding, every key from our own schemas a quoted literal. Null is
 * treated as false: at the top because `where` does, below `not` because it is written `is not true`.
 */
export function predicateSql(predicate: Predicate, schema: SqlSchema, bindings: Bindings): string {
  return compile(predicate, { schema, bindings, element: undefined, depth: 0 });
}

interface Scope {
  readonly schema: SqlSchema;
  readonly bindings: Bindings;
  /** Inside `some`: the element, a document (`jsonb` expression) or a row with fields. */
  readonly element:
    | { readonly json?: string; readonly fields?: ReadonlyMap<NamedField, SqlField> | undefined }
    | undefined;
  readonly depth: number;
}

function compile(predicate: Predicate, scope: Scope): string {
  switch (predicate.kind) {
    case 'and':
      return `(${predicate.all.map((each) => compile(each, scope)).join(' and ')})`;
    case 'or':
      return narrowed(
        predicate,
        scope,
        `(${predicate.all.map((each) => compile(each, scope)).join(' or ')})`,
      );
    case 'not':
      return `((${compile(predicate.operand, scope)}) is not true)`;
    case 'present':
      return present(predicate.field, scope);
    case 'compare':
      return compare(predicate.field, predicate.comparator, predicate.value, scope);
    case 'among':
      return narrowed(predicate, scope, among(predicate.field, predicate.values, scope));
    case 'some':
      return some(predicate.collection, predicate.where, scope);
  }
}

function namedField(name: NamedField, scope: Scope): SqlField {
  const field = (scope.element?.fields ?? scope.schema.fields).get(name);
  if (field === undefined) throw new Error(`The store knows no field ${name} here.`);
  return field;
}

/** The jsonb expression of a document field; a key is never a client's text, but is quoted as if it were. */
function json(keys: readonly string[], scope: Scope): string {
  const root = scope.element?.json ?? `${scope.schema.alias}.profile`;
  return keys.reduce((sql, key) => `${sql} -> '${key.replaceAll("'", "''")}'`, root);
}

function present(field: Field, scope: Scope): string {
  if (field.kind === 'named') return `(${namedField(field.name, scope).sql} is not null)`;
  const value = json(field.keys, scope);
  return `(${value} is not null and ${value} <> '""'::jsonb)`;
}

function compare(
  field: Field,
  comparator: Comparator,
  value: string | number | boolean,
  scope: Scope,
): string {
  if (field.kind === 'named')
    return compareNamed(namedField(field.name, scope), field.type, comparator, value, scope);
  const element = json(field.keys, scope);
  const placeholder = scope.bindings.bind(value);
  switch (field.type) {
    case 'number':
      return operate(
        `(case when jsonb_typeof(${element}) = 'number' then (${element})::numeric end)`,
        comparator,
        `${placeholder}::numeric`,
      );
    case 'boolean':
      return operate(
        `(case when jsonb_typeof(${element}) = 'boolean' then (${element})::boolean end)`,
        comparator,
        `${placeholder}::boolean`,
      );
    case 'instant':
      return operate(
        `(case when jsonb_typeof(${element}) = 'string' then (${element} #>> '{}')::timestamptz end)`,
        comparator,
        `${placeholder}::timestamptz`,
      );
    case 'text': {
      const text = `(${element} #>> '{}')`;
      return field.caseExact
        ? operateText(text, comparator, `${placeholder}::text`)
        : operateText(folded(text), comparator, folded(`${placeholder}::text`));
    }
  }
}

function compareNamed(
  field: SqlField,
  type: ValueType,
  comparator: Comparator,
  value: string | number | boolean,
  scope: Scope,
): string {
  const { bindings } = scope;
  if (type === 'instant') return operate(field.sql, comparator, `${bindings.bind(value)}::timestamptz`);
  if (type === 'boolean') return operate(field.sql, comparator, `${bindings.bind(value)}::boolean`);
  if (type === 'number') return operate(field.sql, comparator, `${bindings.bind(value)}::numeric`);
  if (field.compares === 'by key') {
    return operateText(field.sql, comparator, `${bindings.bind(caseKey(String(value)))}::text`);
  }
  if (field.compares === 'folded') {
    return operateText(folded(field.sql), comparator, folded(`${bindings.bind(String(value))}::text`));
  }
  if (field.compares === 'by id' && comparator === 'eq') {
    const id = parseUuid(String(value));
    return id === undefined ? 'false' : `(${field.sql} = ${bindings.bind(id)}::uuid)`;
  }
  const sql = field.compares === 'by id' ? `${field.sql}::text` : field.sql;
  return operateText(sql, comparator, `${bindings.bind(String(value))}::text`);
}

/** One array is bound, so that the statement's text is the same however many values there are. */
function among(field: Field, values: readonly string[], scope: Scope): string {
  const { bindings } = scope;
  const allFolded = (array: string) => `array(select ${folded('v')} from unnest(${array}) as v)`;
  if (field.kind === 'document') {
    const text = `(${json(field.keys, scope)} #>> '{}')`;
    const array = `${bindings.bind(values)}::text[]`;
    return field.caseExact ? `(${text} = any(${array}))` : `(${folded(text)} = any(${allFolded(array)}))`;
  }
  const { sql, compares } = namedField(field.name, scope);
  switch (compares) {
    case 'by id': {
      const ids = values.map(parseUuid).filter((id) => id !== undefined);
      return ids.length === 0 ? 'false' : `(${sql} = any(${bindings.bind(ids)}::uuid[]))`;
    }
    case 'by key':
      return `(${sql} = any(${bindings.bind(values.map(caseKey))}::text[]))`;
    case 'folded':
      return `(${folded(sql)} = any(${allFolded(`${bindings.bind(values)}::text[]`)}))`;
    case 'exactly':
      return `(${sql} = any(${bindings.bind(values)}::text[]))`;
  }
}

function some(collection: Collection, where: Predicate | undefined, scope: Scope): string {
  const name = collection.kind === 'named' ? collection.name : collection.keys.join('.');
  const known = scope.element === undefined ? scope.schema.collections.get(name) : undefined;
  const narrowed = narrow(known, where, scope);
  const every =
    known?.source === undefined ? someOfDocument(collection, where, scope) : someRow(known, where, scope);
  return narrowed === undefined ? every : `(${narrowed} and ${every})`;
}

function someOfDocument(collection: Collection, where: Predicate | undefined, scope: Scope): string {
  if (collection.kind === 'named') throw new Error(`The store knows no collection ${collection.name} here.`);
  const array = json(collection.keys, scope);
  if (where === undefined) return `(${array} is not null)`;
  const element = `e${scope.depth}`;
  const inner = compile(where, { ...scope, element: { json: `${element}.value` }, depth: scope.depth + 1 });
  return `exists (select from jsonb_array_elements(
    case when jsonb_typeof(${array}) = 'array' then ${array} end) as ${element} (value) where ${inner})`;
}

function someRow(known: SqlCollection, where: Predicate | undefined, scope: Scope): string {
  const inner =
    where === undefined ? 'true' : compile(where, { ...scope, element: { fields: known.fields } });
  return `exists (select from ${known.source} and ${inner})`;
}

/** If `where` demands one value, the index beside the collection finds the rows: planned well whatever the statistics. */
function narrow(
  known: SqlCollection | undefined,
  where: Predicate | undefined,
  scope: Scope,
): string | undefined {
  const lookups = collectionLookups(known, where);
  return lookups === undefined ? undefined : idAmong(lookups(scope.bindings), scope);
}

/**
 * Alternatives of which each has an index of its own, in tables of their own: the ids that the indexes find narrow the
 * search, since no plan joins first what `or` parts.
 */
function narrowed(predicate: Predicate, scope: Scope, sql: string): string {
  const lookups = scope.element === undefined ? idLookups(predicate, scope.schema) : undefined;
  return lookups === undefined ? sql : `(${idAmong(lookups(scope.bindings), scope)} and ${sql})`;
}

function idAmong(lookups: readonly string[], scope: Scope): string {
  if (lookups.length === 0) return 'false';
  return `${scope.schema.alias}.id = any(array(${lookups.join(' union all ')}))`;
}

/** The expression that a list is ordered by (RFC 7644 §3.4.2.3), with the attribute's case sensitivity. */
export function sortSql(field: Field, collection: Collection | undefined, schema: SqlSchema): string {
  const scope: Scope = { schema, bindings: { bind: () => '' }, element: undefined, depth: 0 };
  if (collection !== undefined) {
    if (collection.kind === 'named' || field.kind === 'named')
      throw new Error('Derived collections have no order.');
    const elements = json(collection.keys, scope);
    const chosen = `coalesce(jsonb_path_query_first(${elements}, '$[*] ? (@.primary == true)'), ${elements} -> 0)`;
    return orderable(field, json(field.keys, { ...scope, element: { json: chosen } }));
  }
  if (field.kind === 'document') return orderable(field, json(field.keys, scope));
  return namedField(field.name, scope).sql;
}

function orderable(field: Field & { kind: 'document' }, element: string): string {
  switch (field.type) {
    case 'number':
      return `(case when jsonb_typeof(${element}) = 'number' then (${element})::numeric end)`;
    case 'boolean':
      return `(case when jsonb_typeof(${element}) = 'boolean' then (${element})::boolean end)`;
    case 'instant':
      return `(case when jsonb_typeof(${element}) = 'string' then (${element} #>> '{}')::timestamptz end)`;
    case 'text':
      return field.caseExact
        ? `(${element} #>> '{}') collate "C"`
        : `${folded(`(${element} #>> '{}')`)} collate "und-x-icu"`;
  }
}
