import type { Authority } from '../directory/roles/authority.ts';
import { requirePermission } from '../directory/roles/rules/guards.ts';
import { readQuery } from './read-query.ts';
import type { AnyRequest, Method, Route } from './route.ts';

/** Calls a route as a client would, without HTTP in between; returns what its handler answers. */
export type CallRoute = (
  by: Authority | undefined,
  method: Method,
  path: string,
  body?: object,
) => Promise<unknown>;

/** Builds what calls the declared routes in this process: for a demonstration, which is loaded with what clients use. */
export function createRouteCalls(routes: readonly Route[]): CallRoute {
  const patterns = routes.map((route) => ({
    route,
    words: route.path.split('/'),
  }));
  const find = (method: Method, path: string) => {
    const words = path.split('/');
    const matches = patterns.filter(
      ({ route, words: wanted }) =>
        route.method === method &&
        wanted.length === words.length &&
        wanted.every((word, at) => word.startsWith('{') || word === words[at]),
    );
    // Words before names, as the router has them.
    const [found] = matches.sort((left, right) => namesIn(left.words) - namesIn(right.words));
    if (found === undefined) throw new Error(`There is no route ${method} ${path}.`);
    const params = Object.fromEntries(
      found.words.flatMap((word, at) =>
        word.startsWith('{') ? [[word.slice(1, -1), decodeURIComponent(words[at] as string)]] : [],
      ),
    );
    return { route: found.route, params };
  };

  return async (by, method, target, body) => {
    const [path = ''] = target.split('?');
    const { route, params } = find(method, path);
    const { access } = route;
    if (by !== undefined && access !== 'public' && access !== 'signed in' && access !== 'set-up link') {
      requirePermission(by, access);
    }
    const request: AnyRequest = {
      by,
      session: by === undefined ? undefined : { id: by.origin.session ?? '', authority: by, csrfToken: '' },
      requestId: by?.origin.requestId ?? 'demonstration',
      client: by?.origin.client ?? { ip: undefined, userAgent: undefined },
      params,
      query: readQuery(route, target),
      body: route.body?.parse(body ?? {}),
      ifMatch: undefined,
      raw: undefined as never,
    };
    return (await route.handle(request)).body;
  };
}

const namesIn = (words: readonly string[]): number => words.filter((word) => word.startsWith('{')).length;
