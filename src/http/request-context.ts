import type { ServerResponse } from 'node:http';
import type { DatabaseUnavailable } from '../platform/db/unavailable.ts';
import type { RejectedToken, ScimExchange } from '../provisioning/log/entry.ts';

/** What the edge knows of a request, for the log and for events. */
export interface RequestContext {
  readonly requestId: string;
  /** The pattern of the route that answers, such as `/scim/v2/users/:id`; patterns are few, paths are not. */
  route?: string;
  /** Whose request it is, once its credential is verified. */
  organization?: string;
  connection?: string;
  user?: string;
  serviceAccount?: string;
  apiKey?: string;
  /** Names of what a SCIM request sent and no schema has, as far as it was read. */
  ignored?: ReadonlySet<string>;
  /** The user who signs in with the e-mail address that this request gives to another user. */
  emailSharedWith?: string;
  /** Whether a SCIM request was answered and rolled back. */
  isDryRun?: boolean;
  /** How many operations a Bulk of SCIM has; each is counted as a request. */
  operations?: number;
  /** What a SCIM request did not have the effect of, as sentences for the administrator of the directory. */
  notes?: readonly string[];
  /** Whose the token of a SCIM request was, which is no longer valid. */
  rejected?: RejectedToken;
  /** What the provisioning log keeps of a SCIM request. */
  exchange?: ScimExchange;
  /** Why the database did not answer, for the log. */
  unavailable?: DatabaseUnavailable;
}

const CONTEXT = Symbol('request context');

type WithContext = ServerResponse & { [CONTEXT]?: RequestContext };

/** Gives a request its context. */
export function setRequestContext(response: ServerResponse, context: RequestContext): void {
  (response as WithContext)[CONTEXT] = context;
}

/** The context that the edge gave to a request. */
export function requestContext(response: ServerResponse): RequestContext {
  return (response as WithContext)[CONTEXT] as RequestContext;
}
