import type { RequestListener } from 'node:http';
import type { RequestLog } from './request-log.ts';

/** What is answered without Express, and below which path: in lower case, no slash at the end. */
export interface DirectListener {
  readonly path: string;
  /** Answers, with the id of the request, one whose target, below `path`, is `target`: a path with a slash in front, and the query. */
  readonly listener: (
    request: Parameters<RequestListener>[0],
    response: Parameters<RequestListener>[1],
    target: string,
  ) => void;
}

export interface EdgeDependencies {
  readonly logRequest: RequestLog;
  readonly direct: readonly DirectListener[];
  /** Answers everything else. */
  readonly app: RequestListener;
}

/** Builds what the server listens with: every request is logged, SCIM goes its own way, Express has the rest (ADR 0029). */
export function createEdge({ logRequest, direct, app }: EdgeDependencies): RequestListener {
  return (request, response) => {
    const { requestId } = logRequest(request, response);
    const target = originOf(request.url ?? '/');
    for (const { path, listener } of direct) {
      const below = targetBelow(target, path);
      if (below === undefined) continue;
      listener(request, response, below);
      return;
    }
    response.setHeader('X-Request-Id', requestId);
    app(request, response);
  };
}

/** A target in absolute form (RFC 9112 §3.2.2) without its origin. */
function originOf(target: string): string {
  if (target.startsWith('/') || !URL.canParse(target)) return target;
  const { pathname, search } = new URL(target);
  return `${pathname}${search}`;
}

/** @returns the rest of a target that is below a path; undefined if it is not */
function targetBelow(target: string, path: string): string | undefined {
  if (target.slice(0, path.length).toLowerCase() !== path) return undefined;
  const rest = target.slice(path.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : undefined;
}
