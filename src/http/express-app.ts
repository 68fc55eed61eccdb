import { STATUS_CODES } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from 'express';
import type { Logger } from 'pino';
import { requestContext } from './request-context.ts';

export interface AppDependencies {
  readonly log: Logger;
  readonly trustProxy: false | number | readonly string[];
  /** What is mounted where, by path prefix, in the order in which they are tried. */
  readonly routers: Iterable<readonly [path: string, router: Router]>;
}

/** Builds the Express application: what every route needs and no more, since each middleware costs. */
export function createApp({ log, trustProxy, routers }: AppDependencies): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.set('trust proxy', trustProxy);
  for (const [path, router] of routers) app.use(path, router);
  app.use(notFound);
  app.use(lastResort(log));
  return app;
}

/** What a directory asks for below a base URL that lacks its end. */
const scimPath = /^(\/scim)?(\/v\d)?\/(Users|Groups|Schemas|ResourceTypes|ServiceProviderConfig)(\/|$)/i;

const notFound: RequestHandler = (request, response) => {
  if (scimPath.test(request.path)) {
    sendScimError(response, 404, 'Not found: the SCIM base URL ends in /scim/v2.');
    return;
  }
  sendProblem(response, 404, 'not_found', 'There is nothing here.');
};

/** A failure of ours: the log gets the cause, the client a request id to quote. */
function lastResort(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const { requestId } = requestContext(response);
    const status = clientFault(error);
    if (status === undefined) log.error({ err: error, requestId }, 'request failed');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const detail =
      status === undefined
        ? `Something went wrong on our side. Quote the request id ${requestId} to your administrator.`
        : 'The path of the request is not percent-encoded UTF-8.';
    if (status === undefined) sendProblem(response, 500, 'internal', detail);
    else sendProblem(response, status, 'malformed', detail);
  };
}

/** Express reports a path that it cannot decode as an error with a status. */
function clientFault(error: unknown): number | undefined {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

type Sendable = Parameters<RequestHandler>[1];

/** The same members as the routes' own problems have (RFC 9457). */
function sendProblem(response: Sendable, status: number, code: string, detail: string): void {
  const { requestId } = requestContext(response);
  const title = STATUS_CODES[status];
  const body = { type: 'about:blank', title, status, code, detail, requestId };
  response.status(status).type('application/problem+json').send(JSON.stringify(body));
}

/** SCIM clients get a SCIM error, whatever failed (RFC 7644 §3.12). */
function sendScimError(response: Sendable, status: number, detail: string): void {
  const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status), detail };
  response.status(status).type('application/scim+json').send(JSON.stringify(body));
}
