import { isUuid } from '../platform/ids.ts';
import type { ScimExchange } from '../provisioning/log/entry.ts';
import { ScimError } from './errors.ts';
import type { ScimAnswer, ScimRequest } from './exchange.ts';

/** Answers a request; `id` is the last part of the path where the endpoint has one, else empty. */
export type Handler = (request: ScimRequest, id: string) => Promise<ScimAnswer> | ScimAnswer;

/** What a path leads to. */
export interface Endpoint {
  /** The path's pattern in lower case, such as `/users/:id`. */
  readonly route: string;
  /** The last part of the path, as it was sent. */
  readonly id: string;
  /** @returns what answers a method, HEAD as GET; for one that is not allowed, a handler that answers 405 */
  handlerOf(method: string): Handler;
}

/** The path of a target. A base URL that was entered with a slash at its end makes `//Users` of `/Users`. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  return path.includes('//') ? path.replaceAll(/\/{2,}/g, '/') : path;
}

/** The user or group that a path names, if its id can be one. */
export function targetOf(endpoint: Endpoint | undefined): ScimExchange['target'] {
  const id = endpoint?.id.toLowerCase() ?? '';
  if (endpoint === undefined || !isUuid(id)) return undefined;
  if (endpoint.route === '/users/:id') return ['user', id];
  return endpoint.route === '/groups/:id' ? ['group', id] : undefined;
}

/** The id in a path. @throws ScimError 400 */
export function decodeId(id: string): string {
  if (!id.includes('%')) return id;
  try {
    return decodeURIComponent(id);
  } catch {
    throw new ScimError(400, undefined, 'The path of the request is not percent-encoded UTF-8.');
  }
}
