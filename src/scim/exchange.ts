import type { Provisioner } from '../directory/actor.ts';
import type { Dialect } from './quirks/dialect.ts';

/** A request whose sender is known. */
export interface ScimRequest {
  readonly by: Provisioner;
  readonly dialect: Dialect;
  /** Names in lower case. */
  readonly query: ReadonlyMap<string, string>;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** The body, parsed. @throws ScimError 400, 413, 415 */
  body(): Promise<unknown>;
}

/** What is sent back. A stream of texts is for what may be large. */
export interface ScimAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<string>;
}

/** Answers 200 with a resource and its version, or 304 if the client has that version (RFC 7644 §3.14). */
export function resourceHeaders(location: string, version: string): Record<string, string> {
  return { ETag: version, Location: location };
}
