import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Handler } from '../endpoint.ts';
import { quote, ScimError } from '../errors.ts';
import type { ScimRequest } from '../exchange.ts';
import { PATCH_SCHEMA } from '../patch/operation.ts';
import {
  type Call,
  createCarryOutOperation,
  type OperationDependencies,
  type Outcome,
  presentResult,
  UnresolvedReference,
} from './operation.ts';
import { type Ordered, orderOperations } from './order.ts';
import {
  type AddOperation,
  referenceInPath,
  referencesIn,
  resolveReferences,
  splitReferences,
} from './references.ts';
import { type BulkOperation, type BulkRequest, parseBulk } from './request.ts';

const RESPONSE_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';

/** Failures of the database in a row after which the rest is not tried: each may have waited for seconds. */
const MAX_OUTAGES = 2;

export interface BulkDependencies extends OperationDependencies {
  readonly maxOperations: number;
}

/**
 * Builds the handler of `/Bulk` (RFC 7644 §3.7): each operation is answered by the endpoint that answers it as a request of
 * its own, in a transaction of its own, one after another (ADR 0057).
 */
export function createBulk(dependencies: BulkDependencies): Handler {
  const run = createRun(dependencies);
  return async (request) => {
    const bulk = parseBulk(await request.body(), request.dialect, dependencies.maxOperations);
    const { operations } = bulk;
    // The Bulk itself was counted as one.
    await request.countOperations(operations.length - 1);
    request.context.operations = operations.length;
    const counts = { operations: operations.length, failed: 0, notTried: operations.length };
    if (request.context.exchange !== undefined) request.context.exchange.bulk = counts;
    const outcomes = await run(request, bulk, (outcome, before) => {
      if (before === undefined) counts.notTried -= 1;
      if (outcome.error !== undefined) counts.failed += 1;
    });
    return { status: 200, body: present(operations, outcomes) };
  };
}

/** The texts of the answer, in the order of the request; what was not tried is left out. */
function present(
  operations: readonly BulkOperation[],
  outcomes: readonly (Outcome | undefined)[],
): readonly string[] {
  const results = operations.flatMap((operation, index) => {
    const outcome = outcomes[index];
    return outcome === undefined ? [] : [presentResult(operation, outcome)];
  });
  const joined = results.map((text, index) => (index === 0 ? text : `,${text}`));
  return [`{"schemas":["${RESPONSE_SCHEMA}"],"Operations":[`, ...joined, ']}'];
}

/**
 * Carries out the operations.
 * @param onOutcome gets what became of one, and what had become of it before it was given its references
 * @returns what became of each; undefined for those not tried, since too many had failed
 */
type Run = (
  request: ScimRequest,
  bulk: BulkRequest,
  onOutcome: (outcome: Outcome, before: Outcome | undefined) => void,
) => Promise<readonly (Outcome | undefined)[]>;

function createRun(dependencies: BulkDependencies): Run {
  const { base } = dependencies;
  const carryOut = createCarryOutOperation(dependencies);

  return async (request, { operations, failOnErrors = Number.POSITIVE_INFINITY }, onOutcome) => {
    const creators = creatorsOf(operations);
    const ordered = orderedOf(operations, creators);
    const pause = createPause();
    const outcomes: (Outcome | undefined)[] = operations.map(() => undefined);
    /** What was left out of what is created before what it refers to. */
    const leftOut = new Map<number, readonly AddOperation[]>();
    let errors = 0;
    let outage: { readonly times: number; readonly error: ScimError } | undefined;

    const idOf = (bulkId: string): string => {
      const creator = creators.get(bulkId);
      if (creator === undefined) {
        throw unresolved(`No operation of this Bulk creates what bulkId ${quote(bulkId)} stands for.`);
      }
      const { location, status } = outcomes[creator] ?? {};
      if (location !== undefined) return location.slice(location.lastIndexOf('/') + 1);
      const became = status === undefined ? 'was not carried out' : `failed with ${status}`;
      throw unresolved(`What bulkId ${quote(bulkId)} stands for was not created: its operation ${became}.`);
    };

    const attempt = async (
      sent: Call,
      problem: ScimError | undefined,
      refersTo: ReadonlySet<string>,
    ): Promise<Outcome> => {
      await pause();
      const isOver = outage !== undefined && outage.times >= MAX_OUTAGES;
      const outcome = await carryOut(request, sent, () => {
        if (problem !== undefined) throw problem;
        const resolved = refersTo.size === 0 ? sent : resolve(sent, idOf);
        if (isOver) throw outage?.error;
        return resolved;
      });
      const { error, isUnavailable } = outcome;
      if (error !== undefined) errors += 1;
      if (error !== undefined && isUnavailable) outage = { times: (outage?.times ?? 0) + 1, error };
      else if (!isOver) outage = undefined;
      return outcome;
    };

    const note = (index: number, outcome: Outcome): void => {
      onOutcome(outcome, outcomes[index]);
      outcomes[index] = outcome;
    };

    for (const { index, does, deferred } of orderOperations(ordered)) {
      const operation = operations[index] as BulkOperation;
      const { refersTo } = ordered[index] as Ordered;
      if (does === 'operation') {
        if (errors >= failOnErrors) continue;
        const { now, later } =
          deferred.size === 0
            ? { now: operation.data, later: [] }
            : splitReferences(operation.data, deferred);
        note(index, await attempt({ ...operation, data: now }, operation.problem, refersTo));
        leftOut.set(index, later);
        continue;
      }
      const created = outcomes[index];
      if (created?.error !== undefined || created?.location === undefined) continue;
      const rest = completion(created.location.slice(base.length), leftOut.get(index) ?? []);
      note(index, joined(created, await attempt(rest, undefined, refersTo)));
    }
    return outcomes;
  };
}

/** The first POST with each bulkId. */
function creatorsOf(operations: readonly BulkOperation[]): ReadonlyMap<string, number> {
  const creators = new Map<string, number>();
  for (const [index, { method, bulkId }] of operations.entries()) {
    if (method === 'POST' && bulkId !== undefined && !creators.has(bulkId)) creators.set(bulkId, index);
  }
  return creators;
}

function orderedOf(operations: readonly BulkOperation[], creators: ReadonlyMap<string, number>): Ordered[] {
  return operations.map(({ bulkId, path, data, problem }, index) => {
    const refersTo = problem === undefined ? referencesIn(data) : new Set<string>();
    const inPath = problem === undefined ? splitPath(path).bulkId : undefined;
    if (inPath !== undefined) refersTo.add(inPath);
    return {
      creates: bulkId !== undefined && creators.get(bulkId) === index ? bulkId : undefined,
      refersTo,
    };
  });
}

/** A path with a bulkId, such as `/Groups/bulkId:tour`, around it. */
function splitPath(path: string): {
  readonly bulkId: string | undefined;
  readonly before: string;
  readonly query: string;
} {
  const query = path.indexOf('?');
  const bare = query === -1 ? path : path.slice(0, query);
  const slash = bare.replace(/\/$/, '').lastIndexOf('/') + 1;
  const bulkId = referenceInPath(bare.slice(slash));
  return { bulkId, before: bare.slice(0, slash), query: query === -1 ? '' : path.slice(query) };
}

/** @throws UnresolvedReference */
function resolve(sent: Call, idOf: (bulkId: string) => string): Call {
  const { bulkId, before, query } = splitPath(sent.path);
  const path = bulkId === undefined ? sent.path : `${before}${idOf(bulkId)}${query}`;
  return { ...sent, path, data: resolveReferences(sent.data, idOf) };
}

/** How long operations may follow one another without an answer of the database, by which others get their turn. */
const TURN_MS = 10;

/** Lets the requests of others have a turn now and then: operations that fail at once wait for nothing. */
function createPause(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < TURN_MS) return;
    await nextTurn();
    last = performance.now();
  };
}

function unresolved(detail: string): UnresolvedReference {
  return new UnresolvedReference(409, 'invalidValue', detail);
}

/** What gives a resource, after the others of a circle, its references to them. */
function completion(path: string, Operations: readonly AddOperation[]): Call {
  const data = { schemas: [PATCH_SCHEMA], Operations };
  return { method: 'PATCH', path, bulkId: undefined, version: undefined, data };
}

function joined(created: Outcome, completed: Outcome): Outcome {
  const { error, status, version } = completed;
  if (error === undefined) return { ...created, version };
  const detail = `It was created, but without what refers to other operations: ${error.message}`;
  return { ...created, status, version: undefined, error: new ScimError(status, error.scimType, detail) };
}
