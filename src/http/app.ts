import { STATUS_CODES } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from 'express';
import type { Logger } from 'pino';
import { Histogram, type Registry } from 'prom-client';
import { uuidv7 } from '../platform/ids.ts';
import { type RequestContext, requestContext } from './context.ts';

export interface AppDependencies {
  readonly log: Logger;
  readonly metrics: Registry;
  readonly trustProxy: false | number | readonly string[];
  /** What is mounted where, by path prefix, in the order in which they are asked. */
  readonly routers: Iterable<readonly [path: string, router: Router]>;
}

/** Builds the Express application: what every route needs and no more, since each middleware costs (PERFORMANCE.md). */
export function createApp({ log, metrics, trustProxy, routers }: AppDependencies): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.set('trust proxy', trustProxy);
  app.use(observe(log, metrics));
  for (const [path, router] of routers) app.use(path, router);
  app.use(notFound);
  app.use(lastResort(log));
  return app;
}

/** What opens an account is in no log (R18), wherever in a path it stands. */
const withoutTokens = (path: string): string => path.replaceAll(/token_\w+/g, 'token_…');

/** Names the request, and logs it when it is answered. The path only: queries hold personal data. */
function observe(log: Logger, metrics: Registry): RequestHandler {
  const durations = new Histogram({
    name: 'rollcall_http_request_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['method', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [metrics],
  });
  return (request, response, next) => {
    const context: RequestContext = { requestId: uuidv7() };
    response.locals['context'] = context;
    response.setHeader('X-Request-Id', context.requestId);
    const { method } = request;
    const [path = ''] = request.url.split('?', 1);
    const start = performance.now();
    response.once('close', () => {
      const ms = Math.round((performance.now() - start) * 10) / 10;
      const status = response.writableFinished ? response.statusCode : 499;
      durations.observe({ method, status }, ms / 1_000);
      log.info({ ...context, method, path: withoutTokens(path), status, ms }, 'request');
    });
    next();
  };
}

const notFound: RequestHandler = (_request, response) => {
  sendProblem(response, 404, 'not_found', 'There is nothing here.');
};

/** A failure of ours: the log gets the cause, the client a request id to quote. */
function lastResort(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
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
    if (request.originalUrl.startsWith('/scim/')) sendScimError(response, status ?? 500, detail);
    else if (status === undefined) sendProblem(response, 500, 'internal', detail);
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

/** Whoever speaks SCIM gets a SCIM error, whatever broke (RFC 7644 §3.12). */
function sendScimError(response: Sendable, status: number, detail: string): void {
  const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status), detail };
  response.status(status).type('application/scim+json').send(JSON.stringify(body));
}
