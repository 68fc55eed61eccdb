import type { Logger } from 'pino';
import { parseJson } from '../http/json.ts';
import { parseQuery } from '../http/query.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { ScimExchange } from '../provisioning/log/entry.ts';
import type { CarryOut, ReplayedRequest } from '../provisioning/log/replay.ts';
import type { LogWriter } from '../provisioning/log/writer.ts';
import { noteError } from './answer.ts';
import { toScimError } from './domain-errors.ts';
import { createHandling, type HandlingDependencies } from './dry-run.ts';
import { decodeId, pathOf, targetOf } from './endpoint.ts';
import { ScimError } from './errors.ts';
import type { ScimAnswer } from './exchange.ts';
import { startDialect } from './quirks/dialect.ts';
import { strictDialect, tolerantDialect } from './quirks/index.ts';
import { notesOf } from './trace.ts';

export interface ReplayDependencies extends HandlingDependencies {
  readonly provisioningLog: LogWriter;
  readonly log: Logger;
}

const USER_AGENT = 'Rollcall replay';

/** Builds what carries out stored requests: by the endpoints that answer clients, without HTTP in between. */
export function createReplay(dependencies: ReplayDependencies): CarryOut {
  const handling = createHandling(dependencies);

  const answer = async (replayed: ReplayedRequest, context: RequestContext, exchange: ScimExchange) => {
    const { org, connection, strict, settings, method, body } = replayed;
    const path = pathOf(replayed.path);
    const endpoint = handling.find(path);
    if (endpoint === undefined) {
      throw new ScimError(404, undefined, 'Endpoint not found: see /ResourceTypes.');
    }
    const dialect = startDialect(strict ? strictDialect : tolerantDialect);
    context.ignored = dialect.ignored;
    exchange.quirks = dialect.applied;
    exchange.target = targetOf(endpoint);
    const origin = {
      actor: { type: 'connection', id: connection, via: 'scim' },
      requestId: replayed.id,
    } as const;
    const request = {
      by: { org, connection, origin, settings },
      dialect,
      context,
      query: parseQuery(replayed.query === undefined ? '/' : `/?${encoded(replayed.query)}`),
      ifMatch: replayed.ifMatch,
      ifNoneMatch: undefined,
      body: async () => {
        exchange.sent = Buffer.from(body ?? '');
        return parseJson(exchange.sent);
      },
      countOperations: async () => undefined,
    };
    return handling.handle(endpoint, path, method, request, decodeId(endpoint.id));
  };

  return async (replayed) => {
    const started = performance.now();
    const exchange: ScimExchange = {
      logOperation: (operation) => {
        const { org, connection, id: partOf, userAgent = USER_AGENT } = replayed;
        dependencies.provisioningLog.add({
          ...operation,
          org,
          connection,
          userAgent,
          token: undefined,
          partOf,
        });
      },
    };
    const context: RequestContext = { requestId: replayed.id, exchange };
    let result: ScimAnswer;
    let detail: string | undefined;
    try {
      result = await answer(replayed, context, exchange);
      if (typeof result.body === 'string') {
        const text = result.body;
        exchange.answered = { text, characters: text.length, bytes: Buffer.byteLength(text) };
      }
    } catch (error) {
      const known = toScimError(error) ?? new ScimError(500, undefined, 'Something went wrong on our side.');
      if (known.status === 500) {
        dependencies.log.error({ err: error, requestId: replayed.id }, 'the replay of a request failed');
      }
      noteError(exchange, known, error);
      detail = known.message;
      result = { status: known.status };
    }
    dependencies.provisioningLog.add({
      id: replayed.id,
      org: replayed.org,
      connection: replayed.connection,
      method: replayed.method,
      path: replayed.path,
      query: replayed.query,
      status: result.status,
      ms: Math.round((performance.now() - started) * 10) / 10,
      userAgent: replayed.userAgent ?? USER_AGENT,
      ifMatch: replayed.ifMatch,
      token: undefined,
      ignored: [...(context.ignored ?? [])],
      notes: notesOf(context),
      exchange,
      ...(replayed.original === undefined ? {} : { replayOf: replayed.original }),
    });
    if (replayed.original !== undefined) await dependencies.provisioningLog.flush();
    return { status: result.status, detail };
  };
}

/** A query as the log keeps it, decoded, in the form in which it is read. */
function encoded(query: string): string {
  return query
    .split('&')
    .map((part) => {
      const [name = '', ...value] = part.split('=');
      return `${encodeURIComponent(name)}=${encodeURIComponent(value.join('='))}`;
    })
    .join('&');
}
