import { z } from 'zod';
import { annotateFields, type Json } from './annotations.ts';

type Direction = 'input' | 'output';

/**
 * A zod shape as JSON Schema; named shapes move to the components.
 * @param name for an unnamed shape that becomes a component
 */
export function toSchema(shape: z.ZodType, io: Direction, schemas: Json, name?: string): Json {
  const {
    $schema: _,
    $defs: defs,
    ...schema
  } = z.toJSONSchema(shape, { io, unrepresentable: 'any' }) as Json;
  for (const [defined, definition] of Object.entries((defs as Json | undefined) ?? {})) {
    const { id: __, ...rest } = definition as Json;
    schemas[defined] = finish(rest, io);
  }
  const { id: given, ...rest } = schema;
  if (typeof rest['$ref'] === 'string' && Object.keys(rest).length === 1) return withComponents(rest);
  const own = typeof given === 'string' ? given : name;
  if (own === undefined) return withComponents(schema);
  schemas[own] = finish(rest, io);
  return { $ref: `#/components/schemas/${own}` };
}

function finish(schema: Json, io: Direction): unknown {
  const whole = withComponents(schema);
  return annotateFields(io === 'output' ? withoutClosing(whole) : whole);
}

/** Answers may have fields that a client does not know yet. */
function withoutClosing(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutClosing);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([name, value]) => name !== 'additionalProperties' || value !== false)
      .map(([name, value]) => [name, withoutClosing(value)]),
  );
}

function withComponents(schema: Json): Json {
  const text = JSON.stringify(schema, (_, value: unknown) => withoutPattern(value));
  return JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}

/** The format is enough; its pattern is a page long. */
function withoutPattern(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('format' in value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'pattern'));
}

/** The body of every rejection (RFC 9457). */
export function problemSchema(): Json {
  return annotateFields({
    type: 'object',
    required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
    properties: {
      type: {
        type: 'string',
        description: 'about:blank: the code identifies the problem.',
        examples: ['about:blank'],
      },
      title: { type: 'string' },
      status: { type: 'integer', description: 'The HTTP status.', examples: [409] },
      code: { type: 'string', description: 'What programs look at.' },
      detail: {
        type: 'string',
        description: 'A sentence for people that says what to change.',
        examples: ['Duplicate email'],
      },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          properties: { path: { type: 'string' }, code: { type: 'string' }, message: { type: 'string' } },
        },
      },
      requestId: { type: 'string' },
    },
  }) as Json;
}
