import { parseQuery } from '../../http/query.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { DatabaseUnavailable } from '../../platform/db/unavailable.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { ScimExchange } from '../../provisioning/log/entry.ts';
import { noteError } from '../answer.ts';
import { toScimError } from '../domain-errors.ts';
import { decodeId, type Endpoint, pathOf, targetOf } from '../endpoint.ts';
import { badRequest, presentError, quote, ScimError } from '../errors.ts';
import type { ScimRequest } from '../exchange.ts';
import { addIgnored } from '../quirks/dialect.ts';
import { notesOf } from '../trace.ts';

export interface OperationDependencies {
  /** @param path below the base URL */
  find(path: string): Endpoint | undefined;
  /** The patterns of the paths that an operation may have. */
  readonly routes: ReadonlySet<string>;
  readonly base: string;
  readonly now: () => Date;
  readonly log: { error(fields: object, message: string): void };
}

/** A request that stands in a Bulk. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly bulkId: string | undefined;
  readonly version: string | undefined;
  readonly data: unknown;
}

/** What became of it. */
export interface Outcome {
  readonly status: number;
  readonly location: string | undefined;
  readonly version: string | undefined;
  readonly error: ScimError | undefined;
  /** Whether the database was not available. */
  readonly isUnavailable: boolean;
}

/** It refers to what another operation was to create, and is not there. */
export class UnresolvedReference extends ScimError {}

/**
 * Carries out one operation as if it were a request of its own, and gives it a row of the provisioning log. Never throws.
 * @param sent as the client sent it
 * @param resolve the same with ids in place of references; throws a ScimError if it cannot be carried out
 */
export type CarryOutOperation = (request: ScimRequest, sent: Call, resolve: () => Call) => Promise<Outcome>;

/** Builds what has each operation of a Bulk answered: by the endpoints that answer requests of their own. */
export function createCarryOutOperation(dependencies: OperationDependencies): CarryOutOperation {
  const { now, log, base } = dependencies;

  return async (request, sent, resolve) => {
    const { requestId, isDryRun = false, exchange: bulk } = request.context;
    const started = performance.now();
    const id = uuidv7(now().getTime());
    const exchange: ScimExchange = {};
    const dialect = request.dialect.start();
    exchange.quirks = dialect.applied;
    const context: RequestContext = { requestId, exchange, ignored: dialect.ignored, isDryRun };
    let call = sent;
    let outcome: Outcome;
    try {
      call = resolve();
      outcome = await answer(dependencies, { ...request, dialect, context }, call);
    } catch (error) {
      const known = toScimError(error) ?? failureOfOurs(id);
      if (known.status === 500) {
        log.error({ err: error, requestId: id, bulk: requestId }, 'an operation of a Bulk failed');
      }
      const isUnavailable = error instanceof DatabaseUnavailable;
      if (isUnavailable) request.context.unavailable = error;
      noteError(exchange, known, error);
      if (error instanceof UnresolvedReference)
        exchange.error = { code: 'bulk_reference', detail: known.message };
      outcome = {
        status: known.status,
        location: locationOf(dependencies, call, base),
        version: undefined,
        error: known,
        isUnavailable,
      };
    }
    addIgnored(request.dialect, dialect);
    if (bulk?.logOperation !== undefined) {
      if (call.data !== undefined) exchange.sent = Buffer.from(JSON.stringify(call.data));
      const text = presentResult(call, outcome);
      exchange.answered = { text, characters: text.length, bytes: Buffer.byteLength(text) };
      const query = call.path.indexOf('?');
      bulk.logOperation({
        id,
        method: call.method,
        path: query === -1 ? call.path : call.path.slice(0, query),
        query: query === -1 ? undefined : call.path.slice(query + 1),
        status: outcome.status,
        ms: Math.round((performance.now() - started) * 10) / 10,
        ifMatch: call.version,
        ignored: [...dialect.ignored],
        notes: notesOf(context),
        exchange,
      });
    }
    return outcome;
  };
}

async function answer(
  { find, routes, base }: OperationDependencies,
  request: ScimRequest,
  call: Call,
): Promise<Outcome> {
  const path = pathOf(call.path);
  const endpoint = find(path);
  if (endpoint === undefined) throw new ScimError(404, undefined, 'Endpoint not found: see /ResourceTypes.');
  if (!routes.has(endpoint.route)) {
    const detail = `A Bulk changes users and groups: "path" must be such as "/Users" or "/Groups/<id>", not ${quote(path)}.`;
    throw badRequest('invalidValue', detail);
  }
  if (request.context.exchange !== undefined) request.context.exchange.target = targetOf(endpoint);
  const { status, headers = {} } = await endpoint.handlerOf(call.method)(
    {
      ...request,
      query: parseQuery(call.path),
      ifMatch: call.version,
      ifNoneMatch: undefined,
      body: async () => call.data,
    },
    decodeId(endpoint.id),
  );
  return {
    status,
    location: headers['Location'] ?? `${base}${path}`,
    version: headers['ETag'],
    error: undefined,
    isUnavailable: false,
  };
}

/** Where the resource of a failed operation is; a failed POST has none (RFC 7644 §3.7.3). */
function locationOf({ find, routes }: OperationDependencies, call: Call, base: string): string | undefined {
  if (call.method === 'POST') return undefined;
  const path = pathOf(call.path);
  const endpoint = find(path);
  if (endpoint === undefined || endpoint.id === '' || !routes.has(endpoint.route)) return undefined;
  return endpoint.id.includes(':') ? undefined : `${base}${path}`;
}

function failureOfOurs(id: string): ScimError {
  const detail = `Something went wrong on our side. Quote the request id ${id} to your administrator.`;
  return new ScimError(500, undefined, detail);
}

/** The result of an operation as JSON text (RFC 7644 §3.7.3). */
export function presentResult({ method, bulkId }: Call, outcome: Outcome): string {
  const { status, location, version, error } = outcome;
  return JSON.stringify({
    location,
    method,
    bulkId,
    version,
    status: String(status),
    response: error === undefined ? undefined : presentError(error),
  });
}
