import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { ClientAddress } from '../http/client-address.ts';
import { parseQuery } from '../http/query.ts';
import type { RequestLimits } from '../http/rate-limit.ts';
import { requestContext } from '../http/request-context.ts';
import type { Credentials } from '../provisioning/credentials.ts';
import type { LogWriter } from '../provisioning/log/writer.ts';
import { answerWith } from './answer.ts';
import { createAuthentication } from './authentication.ts';
import { createHandling, type HandlingDependencies } from './dry-run.ts';
import { decodeId, pathOf, targetOf } from './endpoint.ts';
import { ScimError } from './errors.ts';
import { traceRequest } from './trace.ts';

export interface ScimDependencies extends HandlingDependencies {
  readonly credentials: Credentials;
  readonly limits: RequestLimits;
  readonly clientAddress: ClientAddress;
  readonly log: Logger;
  readonly provisioningLog: LogWriter;
}

/** Where SCIM is, and what the log's route patterns begin with. */
export const SCIM_PATH = '/scim/v2';

/**
 * Builds the SCIM 2.0 server (RFC 7644 §3.2) on node:http alone: no other part gets as many requests (ADR 0029).
 * @returns a listener that takes the request's target below the SCIM path, such as `/Users?count=1`
 */
export function createScimListener(
  dependencies: ScimDependencies,
): (request: IncomingMessage, response: ServerResponse, target: string) => void {
  const handling = createHandling(dependencies);
  const authenticate = createAuthentication(dependencies);

  return (request, response, target) => {
    const context = requestContext(response);
    traceRequest(dependencies.provisioningLog, request, response, context, target);
    const answering = answerWith(request, response, async () => {
      const path = pathOf(target);
      const endpoint = handling.find(path);
      if (endpoint !== undefined) context.route = `${SCIM_PATH}${endpoint.route}`;
      const { method = '' } = request;
      const scimRequest = await authenticate(request, response, context, parseQuery(target));
      if (context.exchange !== undefined) context.exchange.target = targetOf(endpoint);
      if (endpoint === undefined) {
        throw new ScimError(404, undefined, 'Endpoint not found: see /ResourceTypes.');
      }
      return handling.handle(endpoint, path, method, scimRequest, decodeId(endpoint.id));
    });
    answering.catch((error: unknown) => {
      // A failure of ours: the log gets the cause, the client a request id to quote.
      dependencies.log.error({ err: error, requestId: context.requestId }, 'request failed');
      failWith(request, response, context.requestId);
    });
  };
}

function failWith(request: IncomingMessage, response: ServerResponse, requestId: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const detail = `Something went wrong on our side. Quote the request id ${requestId} to your administrator.`;
  void answerWith(request, response, () => Promise.reject(new ScimError(500, undefined, detail)));
}
