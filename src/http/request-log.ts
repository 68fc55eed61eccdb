import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request } from 'express';
import type { Logger } from 'pino';
import { Counter, Histogram, type Registry } from 'prom-client';
import { uuidv7 } from '../platform/ids.ts';
import { truncate } from '../platform/truncate.ts';
import { type RequestContext, setRequestContext } from './request-context.ts';

/** Organizations that are counted by themselves; later ones are counted together. */
const MAX_ORGANIZATIONS = 500;

/** How much of an unknown path the log keeps. */
const MAX_PATH = 500;

/** Secrets that open an account are never logged, at any place of a path. */
const loggedPath = (path: string): string => truncate(path.replaceAll(/token_\w+/g, 'token_…'), MAX_PATH);

/** The pattern of the route that Express found. */
function expressRoute(request: { readonly route?: unknown; readonly baseUrl?: string }): string {
  const path = (request.route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? `${request.baseUrl ?? ''}${path}`.toLowerCase() : 'none';
}

/** Gives a request its context, and logs and counts it when it is answered. The answer names the request's id. */
export type RequestLog = (request: IncomingMessage, response: ServerResponse) => RequestContext;

/**
 * Builds the log of requests, one line each with the path only: queries contain personal data. The id of a request has
 * its time, which the provisioning log reads, by the clock of the commands.
 */
export function createRequestLog(
  log: Logger,
  metrics: Registry,
  now: () => Date = () => new Date(),
): RequestLog {
  const durations = new Histogram({
    name: 'rollcall_http_request_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers: [metrics],
  });
  const counts = new Map<string, number>();
  new Counter({
    name: 'rollcall_organization_requests_total',
    help: 'Authenticated requests, by organization; after the first 500 organizations the others together.',
    labelNames: ['organization'],
    registers: [metrics],
    // Counted in a map until it is read: making labels of each request takes longer than that.
    collect() {
      for (const [organization, count] of counts) this.inc({ organization }, count);
      counts.clear();
    },
  });
  const unavailable = new Counter({
    name: 'rollcall_database_unavailable_total',
    help: 'Requests that the database did not answer, by reason: unreachable, busy, read_only, slow.',
    labelNames: ['reason'],
    registers: [metrics],
  });
  const organizations = new Set<string>();

  const countOrganization = (organization: string, requests: number): void => {
    if (organizations.size < MAX_ORGANIZATIONS) organizations.add(organization);
    const name = organizations.has(organization) ? organization : 'others';
    counts.set(name, (counts.get(name) ?? 0) + requests);
  };

  return (request, response) => {
    const context: RequestContext = { requestId: uuidv7(now().getTime()) };
    setRequestContext(response, context);
    const { method = '', url = '' } = request;
    const start = performance.now();
    response.once('close', () => {
      const ms = Math.round((performance.now() - start) * 10) / 10;
      const status = response.writableFinished ? response.statusCode : 499;
      const { unavailable: failure, ignored, route = expressRoute(request as Partial<Request>) } = context;
      durations.observe({ method, route, status }, ms / 1_000);
      const [path = ''] = url.split('?', 1);
      const { operations } = context;
      if (context.organization !== undefined) countOrganization(context.organization, operations ?? 1);
      // Named one by one, which takes a fraction of the time of a spread; what is undefined is not written.
      const line = {
        requestId: context.requestId,
        organization: context.organization,
        connection: context.connection,
        user: context.user,
        serviceAccount: context.serviceAccount,
        apiKey: context.apiKey,
        emailSharedWith: context.emailSharedWith,
        isDryRun: context.isDryRun,
        operations,
        notes: context.notes,
        ignored: ignored === undefined || ignored.size === 0 ? undefined : [...ignored],
        method,
        path: loggedPath(path),
        status,
        ms,
      };
      if (failure === undefined) {
        log.info(line, 'request');
        return;
      }
      unavailable.inc({ reason: failure.reason });
      const { reason, code, statement } = failure;
      log.warn({ ...line, route, database: { reason, code, statement } }, 'request failed at the database');
    });
    return context;
  };
}
