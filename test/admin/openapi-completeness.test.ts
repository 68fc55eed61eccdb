import { describe, expect, test } from '@jest/globals';
import { describeApi } from '../../src/api-description.ts';

type Json = { readonly [name: string]: unknown };
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly schema: Json;
}
interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Json };
  readonly responses: Readonly<Record<string, { readonly headers?: Json; readonly content?: Json }>>;
}

const api = JSON.parse(describeApi()) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly responses: Json };
};
const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    operation,
  })),
);
const schemas = Object.entries(api.components.schemas);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** All fields at any depth, with where they are. */
function fieldsOf(schema: unknown, where: string): { where: string; field: Json }[] {
  if (Array.isArray(schema)) return schema.flatMap((part) => fieldsOf(part, where));
  if (!isObject(schema)) return [];
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  return [
    ...Object.entries(properties).flatMap(([name, field]) => [
      { where: `${where}.${name}`, field: field as Json },
      ...fieldsOf(field, `${where}.${name}`),
    ]),
    ...['items', 'anyOf', 'oneOf', 'allOf', 'additionalProperties'].flatMap((part) =>
      fieldsOf(schema[part], where),
    ),
  ];
}
const fields = schemas.flatMap(([name, schema]) => fieldsOf(schema, name));

/** Whether a field has no fields of its own. */
const isSimple = (field: Json): boolean => {
  const parts = (field['anyOf'] ?? field['oneOf'] ?? field['allOf']) as Json[] | undefined;
  if (parts !== undefined) return parts.some((part) => part['type'] !== 'null' && isSimple(part));
  if (field['type'] === 'array') return isSimple(field['items'] as Json);
  return !('$ref' in field) && field['type'] !== 'object';
};

describe('the description of the API', () => {
  test('describes every parameter, with an example', () => {
    const parameters = operations.flatMap(({ name, operation }) =>
      operation.parameters.map((parameter) => ({ where: `${name} ${parameter.name}`, ...parameter })),
    );
    expect(parameters.length).toBeGreaterThan(200);
    const missing = parameters.filter(
      ({ description, schema }) => !description || !Array.isArray(schema['examples']),
    );
    expect(missing.map(({ where }) => where)).toEqual([]);
  });

  test('describes every field, with an example', () => {
    expect(fields.length).toBeGreaterThan(300);
    expect(fields.filter(({ field }) => !field['description']).map(({ where }) => where)).toEqual([]);
    const simple = fields.filter(({ field }) => isSimple(field));
    expect(simple.filter(({ field }) => !Array.isArray(field['examples'])).map(({ where }) => where)).toEqual(
      [],
    );
  });

  test('names the schema of every body', () => {
    const bodies = operations.flatMap(({ name, operation }) =>
      [operation.requestBody, ...Object.values(operation.responses)].flatMap((each) =>
        Object.entries(each?.content ?? {}).map(([type, content]) => ({
          name,
          type,
          content: content as Json,
        })),
      ),
    );
    const unnamed = bodies.filter(
      ({ type, content }) =>
        (type === 'application/json' && !isObject(content['schema'])) ||
        (isObject(content['schema']) && !('$ref' in content['schema'])),
    );
    expect(unnamed.map(({ name }) => name)).toEqual([]);
  });

  test('lets answers have fields that a client does not know yet', () => {
    const answers = new Set(
      operations.flatMap(({ operation }) =>
        Object.values(operation.responses).flatMap(
          ({ content }) => JSON.stringify(content ?? {}).match(/(?<=schemas\/)\w+/g) ?? [],
        ),
      ),
    );
    // What an answer holds, it may hold under another name.
    for (const name of answers) {
      for (const inner of JSON.stringify(api.components.schemas[name]).match(/(?<=schemas\/)\w+/g) ?? []) {
        answers.add(inner);
      }
    }
    const closed = [...answers].filter((name) =>
      JSON.stringify(api.components.schemas[name]).includes('"additionalProperties":false'),
    );
    expect(closed).toEqual([]);
  });

  test('names every schema for what it is, each once', () => {
    for (const [name] of schemas) expect(name).toMatch(/^[A-Z][A-Za-z]+$/);
  });

  test('tells of the headers that requests and answers have', () => {
    const find = (name: string) => operations.find((each) => each.name === name)?.operation as Operation;
    const headersOf = (name: string, status: string) =>
      Object.keys(find(name).responses[status]?.headers ?? {});
    const takes = (name: string) =>
      find(name)
        .parameters.filter((parameter) => parameter.in === 'header')
        .map((parameter) => parameter.name);
    expect(headersOf('GET /users/{id}', '200')).toContain('ETag');
    expect(headersOf('POST /users', '201')).toEqual(
      expect.arrayContaining(['ETag', 'Location', 'X-Request-Id']),
    );
    expect(takes('PATCH /users/{id}')).toEqual(['If-Match']);
    expect(takes('DELETE /users/{id}')).toEqual(['If-Match', 'Rollcall-Step-Up']);
    expect(takes('POST /users')).toEqual(['Idempotency-Key']);
    expect(JSON.stringify(api.components.responses)).toContain('Retry-After');
  });
});
