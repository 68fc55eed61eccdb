import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestContext } from '../http/request-context.ts';
import { type AnsweredRequest, DRY_RUN_NOTE } from '../provisioning/log/entry.ts';
import type { LogWriter } from '../provisioning/log/writer.ts';
import { tokenOf } from './authentication.ts';

/**
 * Lets the provisioning log have a request once it is answered: those whose token names a connection, also one that is
 * not valid any more.
 * @param target the request's target below the SCIM path @param route the endpoint's pattern and the id in the path
 */
export function traceRequest(
  writer: LogWriter,
  request: IncomingMessage,
  response: ServerResponse,
  context: RequestContext,
  target: string,
): void {
  const started = performance.now();
  const { 'user-agent': userAgent, authorization } = request.headers;
  const token = tokenOf(authorization);
  context.exchange = {
    logOperation: (operation) => {
      const { organization: org, connection, requestId: partOf } = context;
      if (org === undefined || connection === undefined) return;
      writer.add({
        ...operation,
        org: org as AnsweredRequest['org'],
        connection: connection as AnsweredRequest['connection'],
        userAgent,
        token,
        partOf,
      });
    },
  };
  response.once('close', () => {
    const { rejected, exchange = {} } = context;
    const { organization: org = rejected?.org, connection = rejected?.connection } = context;
    if (org === undefined || connection === undefined) return;
    if (rejected !== undefined && exchange.error !== undefined) {
      exchange.error = { ...exchange.error, code: rejected.code };
    }
    const query = target.indexOf('?');
    writer.add({
      id: context.requestId,
      org: org as AnsweredRequest['org'],
      connection: connection as AnsweredRequest['connection'],
      method: request.method ?? '',
      path: query === -1 ? target : target.slice(0, query),
      query: query === -1 ? undefined : target.slice(query + 1),
      status: response.writableFinished ? response.statusCode : 499,
      ms: Math.round((performance.now() - started) * 10) / 10,
      userAgent,
      ifMatch: request.headers['if-match'],
      token,
      ignored: [...(context.ignored ?? [])],
      notes: notesOf(context),
      exchange,
    });
  });
}

/** What the log notes of a request, the dry run first. */
export function notesOf({ isDryRun = false, notes = [] }: RequestContext): readonly string[] {
  return isDryRun ? [DRY_RUN_NOTE, ...notes] : notes;
}
