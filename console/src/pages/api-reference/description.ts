import { queryOptions } from '@tanstack/react-query';
import { ApiError } from '../../api/client.ts';

/** A schema of openapi.json, as far as it is shown. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema | boolean;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface Content {
  readonly [type: string]: { readonly schema?: Schema };
}

interface Answer {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Content;
}

interface DescribedOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Answer>>;
}

export interface Operation extends DescribedOperation {
  readonly method: string;
  readonly path: string;
  readonly tag: string;
}

export interface Description {
  readonly operations: readonly Operation[];
  readonly tags: readonly string[];
  readonly schemas: ReadonlyMap<string, Schema>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** openapi.json of this server, as its own routes write it. */
export const descriptionQuery = queryOptions({
  queryKey: ['openapi'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async ({ signal }): Promise<Description> => {
    const response = await fetch('/api/v1/openapi.json', { signal });
    if (!response.ok) throw new ApiError('The description of the API did not load.', response.status);
    const { paths, tags, components } = (await response.json()) as {
      paths: Record<string, Partial<Record<(typeof METHODS)[number], DescribedOperation>>>;
      tags: { name: string }[];
      components: { schemas: Record<string, Schema> };
    };
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      METHODS.flatMap((method) => {
        const operation = methods[method];
        if (operation === undefined) return [];
        return [{ ...operation, method: method.toUpperCase(), path, tag: operation.tags[0] ?? '' }];
      }),
    );
    return {
      operations,
      tags: tags.map(({ name }) => name),
      schemas: new Map(Object.entries(components.schemas)),
    };
  },
});

export interface Field {
  readonly key: string;
  readonly name: string;
  readonly depth: number;
  readonly type: string;
  readonly required: boolean;
  readonly description: string | undefined;
  readonly values: readonly string[];
  readonly limits: string | undefined;
}

const DEEPEST = 3;

/** @returns the schema that a reference names, and what it is called */
function resolve(schema: Schema, schemas: Description['schemas']): readonly [Schema, string | undefined] {
  if (schema.$ref === undefined) return [schema, undefined];
  const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  return [schemas.get(name) ?? {}, name];
}

const isNull = (schema: Schema): boolean => schema.type === 'null';

/** @returns `string`, `date-time`, `User`, `[Group]`, `string or null` */
export function typeOf(schema: Schema | boolean | undefined, schemas: Description['schemas']): string {
  if (schema === undefined || typeof schema === 'boolean') return 'any';
  const [found, name] = resolve(schema, schemas);
  if (name !== undefined) return name;
  const choices = found.anyOf ?? found.oneOf;
  if (choices !== undefined) {
    return [...new Set(choices.map((choice) => typeOf(choice, schemas)))].join(' or ');
  }
  if (found.enum !== undefined) return 'one of';
  if (found.const !== undefined) return JSON.stringify(found.const);
  const types = [found.type ?? (found.properties === undefined ? 'any' : 'object')].flat();
  return types
    .map((type) => (type === 'array' ? `[${typeOf(found.items, schemas)}]` : (found.format ?? type)))
    .join(' or ');
}

/** What a schema holds, with what each field holds below it. */
export function fieldsOf(
  schema: Schema,
  schemas: Description['schemas'],
  depth = 0,
  within = '',
  seen: readonly string[] = [],
): Field[] {
  const [found, name] = resolve(schema, schemas);
  if (name !== undefined && seen.includes(name)) return [];
  const path = name === undefined ? seen : [...seen, name];
  const choices = (found.anyOf ?? found.oneOf ?? found.allOf)?.filter((choice) => !isNull(choice));
  if (choices !== undefined) {
    return choices.flatMap((choice, at) => fieldsOf(choice, schemas, depth, `${within}${at}`, path));
  }
  if (typeof found.items === 'object') return fieldsOf(found.items, schemas, depth, `${within}[]`, path);
  return Object.entries(found.properties ?? {}).flatMap(([key, child]) => {
    const [, childName] = resolve(child, schemas);
    const field: Field = {
      key: `${within}.${key}`,
      name: key,
      depth,
      type: typeOf(child, schemas),
      required: found.required?.includes(key) ?? false,
      description: child.description,
      values: valuesOf(child),
      limits: limitsOf(child),
    };
    const below =
      depth >= DEEPEST || (childName !== undefined && path.includes(childName))
        ? []
        : fieldsOf(child, schemas, depth + 1, field.key, path);
    return [field, ...below];
  });
}

/** @returns the values of which a schema takes one */
export function valuesOf(schema: Schema): readonly string[] {
  const items = typeof schema.items === 'object' ? schema.items : undefined;
  return (schema.enum ?? items?.enum ?? []).map(String);
}

/** @returns `5 to 43,200`, `at most 200 characters`, with the default */
export function limitsOf({ minimum, maximum, maxLength, default: usual }: Schema): string | undefined {
  const written = (number: number) => number.toLocaleString('en-GB');
  const large = Number.MAX_SAFE_INTEGER;
  const parts = [
    minimum !== undefined && minimum > -large && maximum !== undefined && maximum < large
      ? `${written(minimum)} to ${written(maximum)}`
      : maximum !== undefined && maximum < large
        ? `at most ${written(maximum)}`
        : undefined,
    maxLength === undefined ? undefined : `at most ${written(maxLength)} characters`,
    usual === undefined ? undefined : `${JSON.stringify(usual)} by default`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(', ');
}
