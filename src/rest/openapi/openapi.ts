import { DOMAIN_ERRORS, type DomainErrorCode } from '../../directory/errors.ts';
import { statusOf } from '../problem.ts';
import type { AnswerShape, Route } from '../route.ts';
import { annotateParameter, type Json } from './annotations.ts';
import { PROBLEM_HEADERS, requestHeaders, responseHeaders } from './headers.ts';
import { problemSchema, toSchema } from './schemas.ts';

/** Errors of all routes, described once instead of at every route. */
const PROBLEM = { $ref: '#/components/responses/Problem' };

/**
 * Describes the routes as OpenAPI 3.1. Generated from the declarations that validate, so the two cannot differ.
 * @param version the server's
 */
export function describeRoutes(routes: readonly Route[], version: string): Json {
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rollcall administration API',
      version,
      description:
        'Sign in (a cookie, with X-CSRF-Token for changes) or send an API key. Errors are application/problem+json with a code. A POST with an Idempotency-Key is done once, however often it is sent.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...schemas, Problem: problemSchema() },
      responses: {
        Problem: {
          description: 'Rejected, with a sentence that says what to change.',
          headers: PROBLEM_HEADERS,
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'sid' },
        apiKey: { type: 'http', scheme: 'bearer' },
        setUpLink: { type: 'http', scheme: 'bearer', description: 'The token of a set-up link.' },
      },
    },
  };
}

function operation(route: Route, schemas: Json): Json {
  const { summary, description, tag, access, sessionOnly, body, rawBody } = route;
  const who =
    access === 'public' || access === 'signed in' || access === 'set-up link'
      ? undefined
      : `Needs the permission \`${access}\`.`;
  return {
    operationId: operationId(route),
    tags: [tag],
    summary,
    ...(description === undefined && who === undefined
      ? {}
      : { description: [description, who].filter((part) => part !== undefined).join(' ') }),
    security:
      access === 'public'
        ? []
        : access === 'set-up link'
          ? [{ setUpLink: [] }]
          : sessionOnly === true
            ? [{ session: [] }]
            : [{ session: [] }, { apiKey: [] }],
    parameters: parameters(route, schemas),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            content: {
              'application/json': { schema: toSchema(body, 'input', schemas, `${schemaName(route)}Request`) },
            },
          },
        }),
    ...(rawBody === undefined ? {} : { requestBody: { content: { [rawBody]: {} } } }),
    responses: responses(route, schemas),
  };
}

/** `GET /users/{id}/role-impact` → `getUsersByIdRoleImpact`. */
function operationId({ method, path }: Route): string {
  const words = path.split(/[/{}.-]+/).filter((word) => word !== '');
  const names = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  const parts = words.map((word) => (names.has(word) ? `By${capital(word)}` : capital(word)));
  return method.toLowerCase() + parts.join('');
}

const SUFFIXES = { GET: '', POST: '', PUT: 'Replace', PATCH: 'Update', DELETE: 'Delete' } as const;

/**
 * What the body and the answer of a route are called: `PATCH /users/{id}` → `UserUpdate`, `POST /users` → `UserCreate`,
 * `POST /users/{id}/deactivate` → `UserDeactivate`, `GET /users/{id}/role-impact` → `UserRoleImpact`.
 */
function schemaName({ method, path }: Route): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  const words = segments.flatMap((segment, index) => {
    if (segment.startsWith('{')) return [];
    const isOne = segments[index + 1]?.startsWith('{') === true;
    return [segment.split(/[-.]/).map(capital).join('')].map((word) => (isOne ? singular(word) : word));
  });
  const last = segments.at(-1) ?? '';
  const isCreation = method === 'POST' && /s$/.test(last) && !last.startsWith('{');
  if (isCreation) words.push(`${singular(words.pop() ?? '')}Create`);
  return words.join('') + SUFFIXES[method];
}

const singular = (word: string): string => word.replace(/ies$/, 'y').replace(/([^s])s$/, '$1');

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function parameters(route: Route, schemas: Json): Json[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    ...annotateParameter(
      name,
      route.params?.[name] === undefined ? { type: 'string' } : { type: 'string', format: 'uuid' },
    ),
  }));
  const query = route.query === undefined ? {} : toSchema(route.query, 'input', schemas);
  const required = new Set((query['required'] as string[] | undefined) ?? []);
  const inQuery = Object.entries((query['properties'] as Json | undefined) ?? {}).map(([name, schema]) => {
    const optional = required.has(name) ? {} : { required: false };
    return { name, in: 'query', required: true, ...optional, ...annotateParameter(name, schema as Json) };
  });
  return [...inPath, ...inQuery, ...requestHeaders(route)];
}

function responses(route: Route, schemas: Json): Json {
  const good = Object.entries(route.answers).map(
    ([status, shape]) => [status, response(route, Number(status), shape, schemas)] as const,
  );
  const byStatus = new Map<number, DomainErrorCode[]>();
  for (const code of route.errors ?? []) {
    const status = statusOf(DOMAIN_ERRORS[code]);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const bad = [...byStatus].map(([status, codes]) => [
    String(status),
    {
      description: codes.map((code) => `\`${code}\``).join(', '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ]);
  return { ...Object.fromEntries(good), ...Object.fromEntries(bad), default: PROBLEM };
}

function response(route: Route, status: number, shape: AnswerShape, schemas: Json): Json {
  const headers = responseHeaders(route, status);
  if (shape === 'nothing') return { description: 'Done.', headers };
  if ('content' in shape) {
    const types = typeof shape.content === 'string' ? [shape.content] : shape.content;
    return { description: 'Done.', headers, content: Object.fromEntries(types.map((type) => [type, {}])) };
  }
  const schema = toSchema(shape, 'output', schemas, `${schemaName(route)}Response`);
  return { description: 'Done.', headers, content: { 'application/json': { schema } } };
}
