import { badRequest, quote, ScimError } from '../errors.ts';
import { isObject, member } from '../quirks/dialect.ts';

export const BULK_REQUEST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;
const MAX_BULK_ID = 200;
const MAX_PATH = 2_000;

/** One operation of a Bulk (RFC 7644 §3.7). */
export interface BulkOperation {
  /** In upper case; as it was sent, cut, where it is none that a Bulk has. */
  readonly method: string;
  /** Below the base URL, with a slash in front; empty without one. */
  readonly path: string;
  readonly bulkId: string | undefined;
  readonly version: string | undefined;
  readonly data: unknown;
  /** Why it cannot be carried out, whatever the directory holds. */
  readonly problem: ScimError | undefined;
}

export interface BulkRequest {
  readonly operations: readonly BulkOperation[];
  /** Errors after which no further operation is carried out, at least 1; undefined for no such limit. */
  readonly failOnErrors: number | undefined;
}

/**
 * Reads the body of a Bulk. What is wrong with one operation alone is its own `problem`.
 * @param maxOperations how many operations a Bulk may have
 * @throws ScimError 400 `invalidSyntax`, `invalidValue`; 413
 */
export function parseBulk(
  body: unknown,
  { strict }: { readonly strict: boolean },
  maxOperations: number,
): BulkRequest {
  if (!isObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object: a BulkRequest.');
  const schemas = member(body, 'schemas');
  if ((strict || (schemas !== undefined && schemas !== null)) && !hasBulkSchema(schemas)) {
    throw badRequest('invalidSyntax', `"schemas" must be ["${BULK_REQUEST_SCHEMA}"].`);
  }
  const sent = member(body, 'operations');
  if (!Array.isArray(sent) || sent.length === 0) {
    throw badRequest('invalidSyntax', '"Operations" must be an array with at least one operation.');
  }
  if (sent.length > maxOperations) {
    throw new ScimError(
      413,
      undefined,
      `This Bulk has ${sent.length} operations, and the limit is ${maxOperations} (bulk.maxOperations of /ServiceProviderConfig): split it.`,
    );
  }
  const failOnErrors = readFailOnErrors(member(body, 'failonerrors'), strict);
  const created = new Set<string>();
  const operations = sent.map((each: unknown) => {
    const operation = readOperation(each, strict);
    const { method, bulkId, problem } = operation;
    if (method !== 'POST' || bulkId === undefined) return operation;
    const isRepeated = created.has(bulkId);
    created.add(bulkId);
    if (!isRepeated || problem !== undefined) return operation;
    const detail = `Another operation has the bulkId ${quote(bulkId)} already: each POST needs one of its own.`;
    return { ...operation, problem: badRequest('invalidValue', detail) };
  });
  return { operations, failOnErrors };
}

function hasBulkSchema(schemas: unknown): boolean {
  return (
    Array.isArray(schemas) &&
    schemas.some((uri) => typeof uri === 'string' && uri.toLowerCase() === BULK_REQUEST_SCHEMA.toLowerCase())
  );
}

/** Zero errors that are accepted are a stop at the first, as one is. */
function readFailOnErrors(sent: unknown, strict: boolean): number | undefined {
  if (sent === undefined || sent === null) return undefined;
  const number = !strict && typeof sent === 'string' && /^\d{1,9}$/.test(sent) ? Number(sent) : sent;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) {
    throw badRequest('invalidValue', '"failOnErrors" must be a whole number, not below 0.');
  }
  return Math.max(1, number);
}

function readOperation(sent: unknown, strict: boolean): BulkOperation {
  const empty = { method: '', path: '', bulkId: undefined, version: undefined, data: undefined };
  if (!isObject(sent)) {
    return { ...empty, problem: badRequest('invalidSyntax', 'Each operation must be a JSON object.') };
  }
  const word = textOf(member(sent, 'method'));
  const method = word === undefined ? undefined : methodOf(word, strict);
  const path = textOf(member(sent, 'path'));
  const bulkId = member(sent, 'bulkid') ?? undefined;
  const version = member(sent, 'version') ?? undefined;
  const data = member(sent, 'data') ?? undefined;

  const problem = (): ScimError | undefined => {
    if (method === undefined) {
      const said = word === undefined ? '' : `, not ${quote(word)}`;
      return badRequest('invalidSyntax', `"method" must be POST, PUT, PATCH or DELETE${said}.`);
    }
    if (path === undefined || path === '') {
      const detail = '"path" must say what the operation is for, such as "/Users" or "/Users/<id>".';
      return badRequest('invalidSyntax', detail);
    }
    if (path.length > MAX_PATH) {
      return badRequest('invalidValue', `"path" must have at most ${MAX_PATH} characters.`);
    }
    if (bulkId !== undefined && (typeof bulkId !== 'string' || bulkId === '')) {
      return badRequest('invalidSyntax', '"bulkId" must be a string that is not empty.');
    }
    if (bulkId !== undefined && bulkId.length > MAX_BULK_ID) {
      return badRequest('invalidValue', `"bulkId" must have at most ${MAX_BULK_ID} characters.`);
    }
    if (bulkId === undefined && method === 'POST') {
      return badRequest('invalidSyntax', 'A POST needs a "bulkId", by which its result is found.');
    }
    if (version !== undefined && typeof version !== 'string') {
      return badRequest('invalidVers', '"version" must be a string as "meta.version" has it: W/"3".');
    }
    if (data === undefined && method !== 'DELETE') {
      return badRequest('invalidSyntax', `A ${method} needs "data": the body of the request.`);
    }
    return undefined;
  };

  return {
    method: method ?? (word ?? '').slice(0, 20),
    path: (path === undefined || path === '' || path.startsWith('/') || strict ? path : `/${path}`) ?? '',
    bulkId: typeof bulkId === 'string' && bulkId.length <= MAX_BULK_ID && bulkId !== '' ? bulkId : undefined,
    version: typeof version === 'string' && version !== '' ? version : undefined,
    data: method === 'DELETE' ? undefined : data,
    problem: problem(),
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function methodOf(word: string, strict: boolean): string | undefined {
  const method = strict ? word : word.toUpperCase();
  return METHODS.find((each) => each === method);
}

/** Operations that a Bulk may have where the limits of requests let a connection send as many at once. */
const MOST_OPERATIONS = 1_000;

/** @param burst requests that a connection may send at once: each operation is counted as one */
export function maxOperationsOf(burst: number): number {
  return Math.min(MOST_OPERATIONS, burst);
}
