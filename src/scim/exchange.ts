import type { Provisioner } from '../directory/actor.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { LoggedChange, ScimExchange } from '../provisioning/log/entry.ts';
import type { Dialect } from './quirks/dialect.ts';

/** A request whose sender is known. */
export interface ScimRequest {
  readonly by: Provisioner;
  readonly dialect: Dialect;
  /** Further fields of the request's log line. */
  readonly context: RequestContext;
  /** Names in lower case. */
  readonly query: ReadonlyMap<string, string>;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** The body, parsed. @throws ScimError 400, 413, 415 */
  body(): Promise<unknown>;
  /** Counts the further operations of a Bulk against the limits of requests. @throws TooManyRequests */
  countOperations(count: number): Promise<void>;
}

/** Notes what a request changed, for the provisioning log. */
export function noteChange(
  { context }: ScimRequest,
  target: NonNullable<ScimExchange['target']>,
  changes: readonly LoggedChange[],
): void {
  if (context.exchange === undefined) return;
  context.exchange.target = target;
  context.exchange.changes = changes;
}

/** What is sent back. The texts of a list are sent one after another as one body; a stream is for what may be larger. */
export interface ScimAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | readonly string[] | AsyncIterable<string>;
}

/** The headers of an answer that is a resource; the interoperability profile wants no ETag. */
export function resourceHeaders(dialect: Dialect, location: string, version: string): Record<string, string> {
  return dialect.strict ? { Location: location } : { ETag: version, Location: location };
}
