import { ScimError } from '../errors.ts';
import type { Attribute } from '../schema/attribute.ts';
import type { ResourceType } from '../schema/resource-type.ts';

/** An operation of a PATCH as the client wrote it: only its shape has been looked at. */
export interface RawOperation {
  readonly op: string;
  readonly path: string | undefined;
  readonly value: unknown;
}

/** Operations that those of one PATCH may become: a quirk makes one of each value that a client removes. */
export const MAX_REWRITTEN = 50_000;

/** @returns the error for a PATCH with more operations than one request may have */
export function tooManyOperations(count: number, limit: number): ScimError {
  const detail = `This PATCH has ${count} operations, and the limit is ${limit}: split it.`;
  return new ScimError(413, undefined, detail);
}

/**
 * One illegal payload of a named client, and how to read it. A quirk rewrites it to what the RFCs
 * define; all later code knows only legal SCIM. A connection in strict mode has no quirks.
 */
export interface Quirk {
  readonly name: string;
  /** Rewrites one PATCH operation. */
  readonly operation?: (operation: RawOperation, type: ResourceType) => readonly RawOperation[];
  /** Rewrites the value a client sends for an attribute, before it is checked; of a multi-valued one each element, too. */
  readonly value?: (value: unknown, attribute: Attribute) => unknown;
  /** Rewrites what a client sends for all of a multi-valued attribute, and never an element. */
  readonly list?: (value: unknown, attribute: Attribute) => unknown;
  /** Rewrites the body of a POST or PUT. */
  readonly resource?: (body: Record<string, unknown>, type: ResourceType) => Record<string, unknown>;
  /** Rewrites an attribute's path in a filter. */
  readonly path?: (path: string, type: ResourceType) => string;
  /** Reads a word without quotes as a filter's comparison value. */
  readonly bareWord?: (word: string) => string;
  /** Leaves out attributes that no schema has and does the rest (RFC 7644 §3.3 lets a server ignore them). */
  readonly ignoresUnknownAttributes?: true;
  /** A value path without a match makes its element (RFC 7644 §3.5.2.3 would say `noTarget`). */
  readonly createsMissingElement?: true;
}

/** A connection's quirks, joined: what the parsers ask. */
export interface Dialect {
  readonly strict: boolean;
  operation(operation: RawOperation, type: ResourceType): readonly RawOperation[];
  value(value: unknown, attribute: Attribute): unknown;
  list(value: unknown, attribute: Attribute): unknown;
  resource(body: Record<string, unknown>, type: ResourceType): Record<string, unknown>;
  path(path: string, type: ResourceType): string;
  readonly bareWord: ((word: string) => string) | undefined;
  /** The quirk by which a value path without a match makes its element. */
  readonly missingElementQuirk: string | undefined;
  /** The quirk by which unknown attributes are left out. */
  readonly unknownAttributeQuirk: string | undefined;
  /** Names of the attributes that were left out of this request. */
  readonly ignored: Set<string>;
  /** Names of the quirks without which this request would have been rejected or read otherwise. */
  readonly applied: Set<string>;
  /** The same quirks for another request. */
  start(): Dialect;
}

/** Joins quirks, in their order, into the dialect of a connection. */
export function composeDialect(quirks: readonly Quirk[]): Dialect {
  const operations = hooksOf(quirks, 'operation');
  const values = hooksOf(quirks, 'value');
  const lists = hooksOf(quirks, 'list');
  const resources = hooksOf(quirks, 'resource');
  const paths = hooksOf(quirks, 'path');
  const bareWords = hooksOf(quirks, 'bareWord');
  const missingElementQuirk = quirks.find((quirk) => quirk.createsMissingElement)?.name;
  const unknownAttributeQuirk = quirks.find((quirk) => quirk.ignoresUnknownAttributes)?.name;

  const start = (): Dialect => {
    const applied = new Set<string>();
    const rewriteOne = ([name, rewrite]: Hook<'operation'>, operation: RawOperation, type: ResourceType) => {
      const rewritten = rewrite(operation, type);
      const [only] = rewritten;
      if (rewritten.length !== 1 || only === undefined || differs(only, operation)) applied.add(name);
      return rewritten;
    };
    const through =
      <Value, Context>(hooks: readonly (readonly [string, (value: Value, context: Context) => Value])[]) =>
      (value: Value, context: Context): Value => {
        let current = value;
        for (const [name, rewrite] of hooks) {
          const next = rewrite(current, context);
          if (next !== current) applied.add(name);
          current = next;
        }
        return current;
      };
    const [bareWord] = bareWords;
    return {
      strict: quirks.length === 0,
      operation: (operation, type) => {
        let list: readonly RawOperation[] = [operation];
        for (const hook of operations) {
          const [only] = list;
          // Nearly always it is one, of which no new list has to be made.
          list =
            only !== undefined && list.length === 1
              ? rewriteOne(hook, only, type)
              : list.flatMap((each) => rewriteOne(hook, each, type));
        }
        return list;
      },
      value: through<unknown, Attribute>(values),
      list: through<unknown, Attribute>(lists),
      resource: through(resources),
      path: through(paths),
      bareWord:
        bareWord === undefined
          ? undefined
          : (word) => {
              applied.add(bareWord[0]);
              return bareWord[1](word);
            },
      missingElementQuirk,
      unknownAttributeQuirk,
      ignored: new Set(),
      applied,
      start,
    };
  };
  return start();
}

type HookName = 'operation' | 'value' | 'list' | 'resource' | 'path' | 'bareWord';
type Hook<Name extends HookName> = readonly [quirk: string, rewrite: NonNullable<Quirk[Name]>];

/** What the quirks do at one place, with their names. */
function hooksOf<Name extends HookName>(quirks: readonly Quirk[], name: Name): readonly Hook<Name>[] {
  return quirks.flatMap((quirk) => {
    const rewrite = quirk[name];
    return rewrite === undefined ? [] : [[quirk.name, rewrite] as Hook<Name>];
  });
}

const differs = (left: RawOperation, right: RawOperation): boolean =>
  left !== right && (left.op !== right.op || left.path !== right.path || left.value !== right.value);

/** @returns the dialect for one request: what it ignores and which quirks it needs is collected apart from other requests */
export function startDialect(dialect: Dialect): Dialect {
  return dialect.start();
}

/** Limits of what a response header and a log line repeat of a client's names. */
const MAX_IGNORED = 20;
const MAX_IGNORED_LENGTH = 200;

/**
 * Records that an attribute is left out, if the dialect leaves out unknown ones.
 * @param name as the client wrote it; characters that no attribute name has are replaced by "_"
 * @returns false if the attribute must be rejected
 */
export function ignoreUnknown({ unknownAttributeQuirk, ignored, applied }: Dialect, name: string): boolean {
  if (unknownAttributeQuirk === undefined) return false;
  applied.add(unknownAttributeQuirk);
  if (ignored.size < MAX_IGNORED) {
    ignored.add(name.slice(0, MAX_IGNORED_LENGTH).replaceAll(/[^\w:.$-]/g, '_'));
  }
  return true;
}

/** Adds what an operation of a Bulk ignored to what the Bulk did. */
export function addIgnored({ ignored }: Dialect, operation: Dialect): void {
  for (const name of operation.ignored) if (ignored.size < MAX_IGNORED) ignored.add(name);
}

/** @returns whether the dialect makes an element that a value path does not find; if so, the request is known to need it */
export function createMissingElement({ missingElementQuirk, applied }: Dialect): boolean {
  if (missingElementQuirk === undefined) return false;
  applied.add(missingElementQuirk);
  return true;
}

/** True for what JSON calls an object: the only thing that has members. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member by its name in lower case, since attribute names are case-insensitive (RFC 7643 §2.1). */
export function member(object: Record<string, unknown>, name: string): unknown {
  for (const [key, value] of Object.entries(object)) if (key.toLowerCase() === name) return value;
  return undefined;
}
