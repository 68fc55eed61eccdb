import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type Request, type Response, Router } from 'express';
import { DomainError } from '../directory/errors.ts';
import { notFound } from '../directory/not-found.ts';
import { requirePermission } from '../directory/roles/rules/guards.ts';
import { BodyAborted, readBody } from '../http/body.ts';
import { parseJson } from '../http/json.ts';
import { requestContext } from '../http/request-context.ts';
import { DatabaseUnavailable } from '../platform/db/unavailable.ts';
import { isUuid } from '../platform/ids.ts';
import type { Locate } from '../platform/locations/location.ts';
import { truncate } from '../platform/truncate.ts';
import { type Authentication, requireSession } from './authentication.ts';
import type { Idempotency } from './idempotency.ts';
import { type ProblemCode, ProblemError, presentProblem, toProblem, validationFailed } from './problem.ts';
import { noNul, readQuery } from './read-query.ts';
import type { AnswerShape, AnyRequest, Route, RouteAnswer } from './route.ts';
import { acceptsProof } from './shapes.ts';
import { fieldErrors, sentences } from './validation.ts';

const MAX_BODY = 1024 * 1024;
/** For routes that need no sign-in. */
const MAX_PUBLIC_BODY = 16 * 1024;

export interface AdminRouterDependencies {
  readonly routes: readonly Route[];
  readonly authentication: Authentication;
  readonly idempotency: Idempotency;
  readonly locate: Locate;
  /** Is told of an answer that its route does not declare: a mistake of ours, which throws in tests. */
  readonly onUndeclared: (message: string) => void;
}

/** Codes that any route may reject with; a route declares the others. */
export const COMMON_ERRORS: ReadonlySet<ProblemCode> = new Set([
  'unauthenticated',
  'forbidden',
  'not_found',
  'throttled',
  'contended',
  'validation_failed',
  'malformed',
  'unsupported_media_type',
  'csrf_failed',
  'idempotency_key_reused',
  'request_running',
  'unavailable',
]);

/** Mounts the declared routes below `/api/v1`. */
export function createAdminRouter({
  routes,
  authentication,
  idempotency,
  locate,
  onUndeclared,
}: AdminRouterDependencies): Router {
  const router = Router({ caseSensitive: true });
  router.use((_request, response, next) => {
    // Addresses may hold what opens an account (R18), and no answer is a page.
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    next();
  });
  for (const [path, declared] of groupByPath(routes)) {
    const mounted = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const route of declared) {
      const method = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
      mounted[method]((request, response) => answerRoute(route, request, response));
    }
    const allowed = declared.map(({ method }) => method).join(', ');
    mounted.all((_request, response) =>
      fail(
        response,
        new ProblemError({
          status: 405,
          code: 'method_not_allowed',
          detail: `This method is not allowed here; these are: ${allowed}.`,
          headers: { Allow: allowed },
        }),
      ),
    );
  }
  router.use((_request: Request, response: Response) =>
    fail(response, new DomainError('not_found', 'Route not found: see /api/v1/openapi.json.')),
  );
  return router;

  async function answerRoute(route: Route, request: Request, response: Response): Promise<void> {
    try {
      await send(request, response, route, await run(route, request, response));
    } catch (error) {
      if (error instanceof BodyAborted) response.destroy();
      else fail(response, declaredError(route, error));
    }
  }

  /** The same error; one that the route does not declare is reported. */
  function declaredError(route: Route, error: unknown): unknown {
    const code = toProblem(error)?.code;
    const isDeclared = (code: ProblemCode) =>
      COMMON_ERRORS.has(code) ||
      (route.errors as readonly ProblemCode[] | undefined)?.includes(code) === true;
    if (code !== undefined && !isDeclared(code)) {
      onUndeclared(`${route.method} ${route.path} rejects with ${code}, which it does not declare.`);
    }
    return error;
  }

  /**
   * Leaves of a body what is declared: nothing slips out that no one meant to show. An answer that is not declared comes
   * after the change, so the change is answered as what it was, without the body.
   */
  function shaped(route: Route, answer: RouteAnswer): RouteAnswer {
    const shape: AnswerShape | undefined = route.answers[answer.status];
    const name = `${route.method} ${route.path}`;
    const { body, ...bare } = answer;
    if (shape === undefined) {
      onUndeclared(`${name} answers ${answer.status}, which it does not declare.`);
      return bare;
    }
    if (body === undefined || shape === 'nothing' || 'content' in shape) return answer;
    const parsed = shape.safeParse(body);
    if (parsed.success) return { ...bare, body: parsed.data };
    const places = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
    const message = `${name} answers ${answer.status} with a body that it does not declare: ${places}.`;
    if (route.method === 'GET') throw new Error(message);
    onUndeclared(message);
    return bare;
  }

  async function run(route: Route, request: Request, response: Response): Promise<RouteAnswer> {
    const { requestId } = requestContext(response);
    if (route.access === 'public') authentication.requireOwnOrigin(request);
    const client = {
      ip: request.ip,
      userAgent: truncate(request.headers['user-agent'], 500),
      country: locate(request.ip)?.country,
      device: authentication.devices.read(request),
    };
    const auth =
      route.access === 'public'
        ? undefined
        : route.access === 'set-up link'
          ? await authentication.enterByLink(request, requestContext(response), client)
          : await authentication.enter(request, requestContext(response), client);
    if (auth !== undefined) {
      if (route.sessionOnly === true) requireSession(auth.session);
      const { access } = route;
      if (access !== 'public' && access !== 'signed in' && access !== 'set-up link') {
        requirePermission(auth.by, access);
      }
    }
    const params = readParams(route, request.params as Record<string, string>);
    const query = readQuery(route, request.url);
    const json = route.body === undefined ? undefined : await readJson(route, request);
    const body = json === undefined ? undefined : readBodyOf(route, withStepUp(route, request, json));
    const work: AnyRequest = {
      by: auth?.by,
      session: auth?.session,
      requestId,
      client,
      params,
      query,
      body,
      ifMatch: readIfMatch(request.headers['if-match']),
      raw: request,
    };
    const key = request.headers['idempotency-key'];
    if (
      route.method !== 'POST' ||
      typeof key !== 'string' ||
      auth === undefined ||
      route.rawBody !== undefined
    ) {
      return shaped(route, await route.handle(work));
    }
    return idempotency.once(
      auth.by,
      key,
      `${route.method} ${request.originalUrl} ${json?.text ?? ''}`,
      async (by) => shaped(route, await route.handle({ ...work, by })),
    );
  }

  async function send(
    request: Request,
    response: Response,
    route: Route,
    answer: RouteAnswer,
  ): Promise<void> {
    const { status, body, headers = {}, version, content, cookie, device } = answer;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const cookies = [
      ...(cookie === undefined ? [] : [authentication.cookie(cookie)]),
      ...(device === undefined ? [] : [authentication.devices.write(device)]),
    ];
    if (cookies.length > 0) response.setHeader('Set-Cookie', cookies);
    if (version !== undefined) response.setHeader('ETag', `"${version}"`);
    if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'no-store');
    const etag = response.getHeader('ETag');
    if (request.method === 'GET' && etag !== undefined && request.headers['if-none-match'] === etag) {
      response.writeHead(304).end();
      return;
    }
    response.statusCode = status;
    if (content !== undefined) {
      if (typeof content === 'string' || content instanceof Uint8Array) response.end(content);
      else await stream(response, content);
      return;
    }
    if (route.answers[status] === 'nothing' || body === undefined) {
      response.end();
      return;
    }
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(body));
  }
}

/** Routes by path, words before names: `/users/bulk` is not the user "bulk". */
function groupByPath(routes: readonly Route[]): Map<string, Route[]> {
  const groups = new Map<string, Route[]>();
  for (const route of routes) groups.set(route.path, [...(groups.get(route.path) ?? []), route]);
  // A brace sorts behind every letter.
  return new Map([...groups].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Ids that cannot be ids are no user's. */
function readParams(route: Route, given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => {
      if (route.params?.[name] === undefined) return [name, text];
      const id = text.toLowerCase();
      if (!isUuid(id)) throw notFound(route.params[name]);
      return [name, id];
    }),
  );
}

/** The raw body and its parsed value. */
interface JsonBody {
  readonly text: string;
  readonly value: unknown;
}

const limitOf = ({ access }: Route): number => (access === 'public' ? MAX_PUBLIC_BODY : MAX_BODY);

async function readJson(route: Route, request: Request): Promise<JsonBody> {
  const [type = ''] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const bytes = await readBody(request, route.bodyLimit ?? limitOf(route));
  if (bytes.length > 0 && type.trim() !== 'application/json') {
    throw new ProblemError({
      status: 415,
      code: 'unsupported_media_type',
      detail: 'Send the body as application/json.',
    });
  }
  if (bytes.length === 0) return { text: '', value: {} };
  const value = parseJson(bytes);
  // Written again, what no database takes is an escape: NUL, and half of a surrogate pair.
  if (/(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f])/.test(JSON.stringify(value))) throw noNul();
  return { text: bytes.toString('utf8'), value };
}

/** A step-up token may come as a header, for clients that send no body; the body's own goes before it. */
function withStepUp(route: Route, request: Request, json: JsonBody): JsonBody {
  const token = request.headers['rollcall-step-up'];
  const { text, value } = json;
  if (!acceptsProof(route) || typeof token !== 'string' || !isObject(value)) return json;
  return { text, value: { stepUpToken: token, ...value } };
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readBodyOf(route: Route, { value }: JsonBody): unknown {
  const parsed = (route.body as NonNullable<Route['body']>).safeParse(value, { error: sentences });
  if (!parsed.success) throw validationFailed(fieldErrors(parsed.error, 'body'));
  return parsed.data;
}

function readIfMatch(header: string | undefined): string[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return header.split(',').map((each) => each.trim().replace(/^W\//, '').replaceAll('"', ''));
}

/** Sends piece by piece, no faster than the client reads; what makes the pieces is told when the client has gone. */
async function stream(response: ServerResponse, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    for await (const piece of pieces) {
      if (gone.signal.aborted) return;
      if (!response.write(piece)) await once(response, 'drain', { signal: gone.signal });
    }
  } catch (error) {
    if (gone.signal.aborted) return;
    throw error;
  }
  response.end();
}

/** Answers what is rejected as problem+json; an unknown failure continues to the edge. */
function fail(response: Response, error: unknown): void {
  if (error instanceof DatabaseUnavailable) requestContext(response).unavailable = error;
  const problem = response.headersSent ? undefined : toProblem(error);
  if (problem === undefined) throw error;
  for (const [name, value] of Object.entries(problem.headers ?? {})) response.setHeader(name, value);
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="Rollcall"');
  response.setHeader('Cache-Control', 'no-store');
  response
    .writeHead(problem.status, { 'Content-Type': 'application/problem+json; charset=utf-8' })
    .end(JSON.stringify(presentProblem(problem, requestContext(response).requestId)));
}
