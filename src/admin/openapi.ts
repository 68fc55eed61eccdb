import { z } from 'zod';
import { REFUSALS, type RefusalCode } from '../directory/errors.ts';
import { statusOf } from './problem.ts';
import type { AnswerShape, Route } from './route.ts';

type Json = Record<string, unknown>;

/** What any route may be refused with: told once, not at every route. */
const PROBLEM = { $ref: '#/components/responses/Problem' };

/**
 * Describes the routes as OpenAPI 3.1. Of the same declarations that validate, so it cannot say anything else.
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
          description: 'Refused, with a sentence that says what to change.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'sid' },
        apiKey: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

function operation(route: Route, schemas: Json): Json {
  const { summary, description, tag, access, sessionOnly, body, rawBody } = route;
  const who =
    access === 'public' || access === 'signed in' ? undefined : `Needs the permission \`${access}\`.`;
  return {
    operationId: operationId(route),
    tags: [tag],
    summary,
    ...(description === undefined && who === undefined
      ? {}
      : { description: [description, who].filter((part) => part !== undefined).join(' ') }),
    security:
      access === 'public' ? [] : sessionOnly === true ? [{ session: [] }] : [{ session: [] }, { apiKey: [] }],
    parameters: parameters(route, schemas),
    ...(body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: toSchema(body, 'input', schemas) } } } }),
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

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function parameters(route: Route, schemas: Json): Json[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: route.params?.[name] === undefined ? { type: 'string' } : { type: 'string', format: 'uuid' },
  }));
  const query = route.query === undefined ? {} : toSchema(route.query, 'input', schemas);
  const required = new Set((query['required'] as string[] | undefined) ?? []);
  const inQuery = Object.entries((query['properties'] as Json | undefined) ?? {}).map(([name, schema]) => {
    const { description, ...rest } = schema as Json;
    return {
      name,
      in: 'query',
      ...(description === undefined ? {} : { description }),
      ...(required.has(name) ? { required: true } : {}),
      schema: rest,
    };
  });
  const idempotency =
    route.method === 'POST' && route.access !== 'public' && route.rawBody === undefined
      ? [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 255 } }]
      : [];
  return [...inPath, ...inQuery, ...idempotency];
}

function responses(route: Route, schemas: Json): Json {
  const good = Object.entries(route.answers).map(
    ([status, shape]) => [status, response(shape, schemas)] as const,
  );
  const byStatus = new Map<number, RefusalCode[]>();
  for (const code of route.refusals ?? []) {
    const status = statusOf(REFUSALS[code]);
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

function response(shape: AnswerShape, schemas: Json): Json {
  if (shape === 'nothing') return { description: 'Done.' };
  if ('content' in shape) return { description: 'Done.', content: { [shape.content]: {} } };
  return {
    description: 'Done.',
    content: { 'application/json': { schema: toSchema(shape, 'output', schemas) } },
  };
}

/** A zod shape as JSON Schema; what has a name of its own moves to the components. */
function toSchema(shape: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const {
    $schema: _,
    $defs: defs,
    ...schema
  } = z.toJSONSchema(shape, { io, unrepresentable: 'any' }) as Json;
  for (const [name, definition] of Object.entries((defs as Json | undefined) ?? {})) {
    const { id: __, ...rest } = definition as Json;
    schemas[name] = withComponents(rest);
  }
  if (typeof schema['id'] === 'string') {
    const { id: name, ...rest } = schema;
    schemas[name as string] = withComponents(rest);
    return { $ref: `#/components/schemas/${name as string}` };
  }
  return withComponents(schema);
}

function withComponents(schema: Json): Json {
  const text = JSON.stringify(schema, (_, value: unknown) => withoutPattern(value));
  return JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}

/** A format says it; the pattern of one is for machines and a page long. */
function withoutPattern(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('format' in value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'pattern'));
}

function problemSchema(): Json {
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      code: { type: 'string', description: 'What programs look at.' },
      detail: { type: 'string', description: 'What people read: it says what to change.' },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          properties: { path: { type: 'string' }, code: { type: 'string' }, message: { type: 'string' } },
        },
      },
      requestId: { type: 'string' },
    },
  };
}
