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
  readonly createsMissingElement: boolean;
  readonly ignoresUnknownAttributes: boolean;
  /** Names of the attributes that were left out of this request. */
  readonly ignored: Set<string>;
}

/** Joins quirks, in their order, into the dialect of a connection. */
export function composeDialect(quirks: readonly Quirk[]): Dialect {
  const operations = quirks.flatMap(({ operation }) => operation ?? []);
  const values = quirks.flatMap(({ value }) => value ?? []);
  const lists = quirks.flatMap(({ list }) => list ?? []);
  const resources = quirks.flatMap(({ resource }) => resource ?? []);
  const paths = quirks.flatMap(({ path }) => path ?? []);
  return {
    strict: quirks.length === 0,
    operation: (operation, type) => {
      let list: readonly RawOperation[] = [operation];
      for (const rewrite of operations) {
        const [only] = list;
        // Nearly always it is one, of which no new list has to be made.
        list =
          only !== undefined && list.length === 1
            ? rewrite(only, type)
            : list.flatMap((each) => rewrite(each, type));
      }
      return list;
    },
    value: (value, attribute) => values.reduce((current, rewrite) => rewrite(current, attribute), value),
    list: (value, attribute) => lists.reduce((current, rewrite) => rewrite(current, attribute), value),
    resource: (body, type) => resources.reduce((current, rewrite) => rewrite(current, type), body),
    path: (path, type) => paths.reduce((current, rewrite) => rewrite(current, type), path),
    bareWord: quirks.find(({ bareWord }) => bareWord !== undefined)?.bareWord,
    createsMissingElement: quirks.some(({ createsMissingElement }) => createsMissingElement),
    ignoresUnknownAttributes: quirks.some(({ ignoresUnknownAttributes }) => ignoresUnknownAttributes),
    ignored: new Set(),
  };
}

/** @returns the dialect for one request: what it ignores is collected apart from that of other requests */
export function startDialect(dialect: Dialect): Dialect {
  return { ...dialect, ignored: new Set() };
}

/** Limits of what a response header and a log line repeat of a client's names. */
const MAX_IGNORED = 20;
const MAX_IGNORED_LENGTH = 200;

/**
 * Records that an attribute is left out, if the dialect leaves out unknown ones.
 * @param name as the client wrote it; characters that no attribute name has are replaced by "_"
 * @returns false if the attribute must be rejected
 */
export function ignoreUnknown({ ignoresUnknownAttributes, ignored }: Dialect, name: string): boolean {
  if (ignoresUnknownAttributes && ignored.size < MAX_IGNORED) {
    ignored.add(name.slice(0, MAX_IGNORED_LENGTH).replaceAll(/[^\w:.$-]/g, '_'));
  }
  return ignoresUnknownAttributes;
}

/** True for what JSON calls an object: the only thing that has members. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
