import { type FieldDescription, ID, TIME } from '../field-descriptions/description.ts';
import { fieldDescription, parameterDescription } from '../field-descriptions/index.ts';

export type Json = Record<string, unknown>;

/** Gives every field of a schema what it means and a value that it may have, where its declaration has none. */
export function annotateFields(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(annotateFields);
  if (!isObject(schema)) return schema;
  const next: Json = Object.fromEntries(
    Object.entries(schema).map(([name, part]) => [name, name === 'properties' ? part : annotateFields(part)]),
  );
  const { properties } = schema;
  if (isObject(properties)) {
    next['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, field]) => [
        name,
        annotate(annotateFields(field) as Json, fieldDescription(name), name),
      ]),
    );
  }
  return next;
}

/** The same of a parameter. @returns its description, and its schema with an example */
export function annotateParameter(name: string, schema: Json): { description: unknown; schema: Json } {
  const { description, ...rest } = annotate(schema, parameterDescription(name), name);
  return { description, schema: rest };
}

function annotate(field: Json, note: FieldDescription | undefined, name: string): Json {
  const description = field['description'] ?? note?.[0];
  const described = description === undefined ? field : { ...field, description };
  if ('examples' in field || !isSimple(field)) return described;
  return { ...described, examples: [exampleOf(field, note?.[1], name)] };
}

/** Whether a value has no fields of its own, which have their own examples. */
function isSimple(schema: Json): boolean {
  if ('$ref' in schema || schema['type'] === 'object') return false;
  if (schema['type'] === 'array') return isObject(schema['items']) && isSimple(schema['items']);
  const parts = alternatives(schema);
  return parts === undefined || parts.some((part) => isSimple(part) && part['type'] !== 'null');
}

const alternatives = (schema: Json): Json[] | undefined =>
  (schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']) as Json[] | undefined;

/** @param noted the example of the note, which holds for one of several fields of that name */
function exampleOf(schema: Json, noted: unknown, name: string): unknown {
  if (noted !== undefined && fits(schema, noted)) return noted;
  const parts = alternatives(schema);
  if (parts !== undefined) {
    const part = parts.find((each) => isSimple(each) && each['type'] !== 'null');
    return part === undefined ? null : exampleOf(part, noted, name);
  }
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  if (schema['default'] !== undefined) return schema['default'];
  switch (schema['type']) {
    case 'array':
      return [exampleOf(schema['items'] as Json, Array.isArray(noted) ? noted[0] : noted, name)];
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return Math.max(1, Number(schema['minimum'] ?? 1));
    default:
      return textExample(schema, name);
  }
}

function textExample({ format }: Json, name: string): string {
  if (format === 'uuid' || /(?:^i|I)d$/.test(name)) return ID;
  if (format === 'date-time' || /(?:At|Until|From)$/.test(name)) return TIME;
  if (/(?:url|uri)$/i.test(name)) return 'https://rollcall.acme.example/…';
  return name;
}

function fits(schema: Json, value: unknown): boolean {
  const parts = alternatives(schema);
  if (parts !== undefined) return parts.some((part) => fits(part, value));
  if ('const' in schema) return schema['const'] === value;
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(value);
  const { type, items, format } = schema;
  if (type === 'array')
    return Array.isArray(value) && value.every((each) => fits((items ?? {}) as Json, each));
  if (type === 'null') return value === null;
  if (type === 'integer' || type === 'number') return typeof value === 'number';
  if (format === 'uuid') return value === ID;
  if (format === 'date-time') return value === TIME;
  return type === undefined || typeof value === type;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
