import type { Page } from '../directory/search/predicate.ts';
import { badRequest, quote, type ScimType } from './errors.ts';
import { parseFilter } from './filter/parser.ts';
import { toPredicate } from './filter/predicate.ts';
import { toSort } from './filter/sort.ts';
import { type Dialect, isObject } from './quirks/dialect.ts';
import { type Projection, parseProjection } from './schema/projection.ts';
import { type ResourceType, resolvePath } from './schema/resource-type.ts';

export const DEFAULT_COUNT = 100;
export const MAX_COUNT = 1_000;
const SEARCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

/** A list as a client asks for it: in the query, or in the body of a `.search` (RFC 7644 §3.4.2, §3.4.3). */
export interface ListRequest {
  readonly page: Page;
  readonly startIndex: number;
  readonly projection: Projection | undefined;
}

/**
 * Reads the parameters of a list, names in lower case; unknown ones are ignored.
 * @param others types that are listed along with this one
 * @throws ScimError 400 `invalidFilter`, `invalidValue`, `invalidSyntax`; `invalidCount` beside a cursor (RFC 9865 §2.1)
 */
export function parseListRequest(
  parameters: ReadonlyMap<string, string>,
  type: ResourceType,
  others: readonly ResourceType[],
  dialect: Dialect,
  baseUrl: string,
): ListRequest {
  const startIndex = Math.max(1, wholeNumber(parameters, 'startindex', 'invalidValue') ?? 1);
  const invalidCount = parameters.has('cursor') ? 'invalidCount' : 'invalidValue';
  const count = Math.max(0, wholeNumber(parameters, 'count', invalidCount) ?? DEFAULT_COUNT);
  const filter = parameters.get('filter');
  const sortBy = parameters.get('sortby');
  return {
    startIndex,
    projection: parseProjection(
      type,
      parameters.get('attributes'),
      parameters.get('excludedattributes'),
      dialect,
    ),
    page: {
      where:
        filter === undefined || filter === ''
          ? undefined
          : toPredicate(parseFilter(filter, { bareWord: dialect.bareWord }), type, dialect, others),
      sort:
        sortBy === undefined || sortBy === ''
          ? undefined
          : sortOf(sortBy, isDescending(parameters), type, others, dialect),
      offset: startIndex - 1,
      limit: Math.min(count, MAX_COUNT),
      baseUrl,
    },
  };
}

/** @returns undefined for an attribute that only other listed types have: nothing of this type has a value to sort by */
function sortOf(
  sortBy: string,
  descending: boolean,
  type: ResourceType,
  others: readonly ResourceType[],
  dialect: Dialect,
): Page['sort'] {
  const has = (each: ResourceType) => resolvePath(each, dialect.path(sortBy, each)) !== undefined;
  if (!has(type) && others.some(has)) return undefined;
  return toSort(dialect.path(sortBy, type), descending, type);
}

/** Whether a list is in descending order. @throws ScimError 400 `invalidValue` */
export function isDescending(parameters: ReadonlyMap<string, string>): boolean {
  const order = parameters.get('sortorder')?.toLowerCase() ?? 'ascending';
  if (order !== 'ascending' && order !== 'descending') {
    throw badRequest('invalidValue', `sortOrder ${quote(order)} must be ascending or descending.`);
  }
  return order === 'descending';
}

function wholeNumber(
  parameters: ReadonlyMap<string, string>,
  name: string,
  invalid: ScimType,
): number | undefined {
  const text = parameters.get(name);
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw badRequest(
      invalid,
      `${name === 'count' ? 'count' : 'startIndex'} must be a whole number, not ${quote(text)}.`,
    );
  }
  return number;
}

/** What the parameters of a `.search` are as JSON; others are ignored. */
const searchTypes: ReadonlyMap<string, { readonly expected: string; fits(value: unknown): boolean }> =
  (() => {
    const text = { expected: 'a string', fits: (value: unknown) => typeof value === 'string' };
    const number = {
      expected: 'a whole number',
      fits: (value: unknown) => typeof value === 'number' || typeof value === 'string',
    };
    const names = {
      expected: 'an array of strings',
      fits: (value: unknown) => [value].flat().every((each) => typeof each === 'string'),
    };
    return new Map([
      ['schemas', names],
      ['attributes', names],
      ['excludedattributes', names],
      ['filter', text],
      ['sortby', text],
      ['sortorder', text],
      ['startindex', number],
      ['count', number],
      ['cursor', text],
    ]);
  })();

/**
 * Reads the body of a `.search` as the parameters that a query would have.
 * @throws ScimError 400 `invalidSyntax`, `invalidValue`
 */
export function searchParameters(body: unknown, dialect: Dialect): ReadonlyMap<string, string> {
  if (!isObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object: a SearchRequest.');
  const parameters = new Map<string, string>();
  for (const [name, value] of Object.entries(body)) {
    const type = searchTypes.get(name.toLowerCase());
    if (value === null || type === undefined) continue;
    if (!type.fits(value)) throw badRequest('invalidValue', `"${name}" must be ${type.expected}.`);
    parameters.set(name.toLowerCase(), String(value));
  }
  const schemas = parameters.get('schemas')?.split(',') ?? [];
  const isSearch = schemas.some((uri) => uri.toLowerCase() === SEARCH_SCHEMA.toLowerCase());
  if (!isSearch && (dialect.strict || schemas.length > 0)) {
    throw badRequest('invalidSyntax', `"schemas" must be ["${SEARCH_SCHEMA}"].`);
  }
  return parameters;
}

/** The page fields of a ListResponse; what is undefined is left out. */
export interface ListHead {
  readonly totalResults: number | undefined;
  readonly startIndex?: number;
  readonly itemsPerPage: number;
  readonly nextCursor?: string | undefined;
}

/** The members of a ListResponse before its resources; the numbers are JSON numbers (RFC 7644 §3.4.2, RFC 9865 §2). */
export function listHead(head: ListHead): string {
  return `{"schemas":["${LIST_SCHEMA}"],${JSON.stringify(head).slice(1, -1)},"Resources":[`;
}
