import type { Response } from 'express';

/** What the edge knows of a request, for the log and for events. */
export interface RequestContext {
  readonly requestId: string;
  /** Which connection asks, once its token is verified. */
  connection?: string;
}

/** The context that the edge gave to a request. */
export function requestContext(response: Response): RequestContext {
  return response.locals['context'] as RequestContext;
}
