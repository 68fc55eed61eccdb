import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** One attribute as a schema file writes it (RFC 7643 §7); characteristics left out take §2.2's defaults. */
export interface AttributeDefinition {
  readonly name: string;
  readonly type:
    | 'string'
    | 'boolean'
    | 'decimal'
    | 'integer'
    | 'dateTime'
    | 'reference'
    | 'binary'
    | 'complex';
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact?: boolean | undefined;
  readonly canonicalValues?: readonly string[] | undefined;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned: 'always' | 'never' | 'default' | 'request';
  readonly uniqueness?: 'none' | 'server' | 'global' | undefined;
  readonly referenceTypes?: readonly string[] | undefined;
  readonly subAttributes?: readonly AttributeDefinition[] | undefined;
}

export interface SchemaDefinition {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly AttributeDefinition[];
}

/** `attrName` of RFC 7643 §2.1, and `$ref`. No name that an object already has can be one. */
const attributeName = z
  .string()
  .regex(/^(\$ref|[A-Za-z][\w-]*)$/, 'must start with a letter and have only letters, digits, - and _')
  .refine((name) => !(name in Object.prototype), 'is a name that JavaScript objects reserve');

const characteristics = {
  name: attributeName,
  multiValued: z.boolean().default(false),
  description: z.string().default(''),
  required: z.boolean().default(false),
  caseExact: z.boolean().optional(),
  canonicalValues: z.array(z.string()).optional(),
  mutability: z.enum(['readOnly', 'readWrite', 'immutable', 'writeOnly']).default('readWrite'),
  returned: z.enum(['always', 'never', 'default', 'request']).default('default'),
  uniqueness: z.enum(['none', 'server', 'global']).optional(),
  referenceTypes: z.array(z.string()).optional(),
};
const simpleType = z.enum(['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary']);
const hidden = ({ mutability, returned }: { mutability: string; returned: string }) =>
  mutability !== 'writeOnly' || returned === 'never';
const shown = { path: ['returned'], error: 'must be "never" for what can only be written' };
const simple = z.strictObject({ ...characteristics, type: simpleType }).refine(hidden, shown);
const complex = z
  .strictObject({
    ...characteristics,
    type: z.literal('complex'),
    subAttributes: z.array(simple).min(1).superRefine(distinct),
  })
  .refine(hidden, shown);
const schemaFile = z.strictObject({
  schemas: z.array(z.literal('urn:ietf:params:scim:schemas:core:2.0:Schema')),
  id: z.string().regex(/^urn:[A-Za-z0-9][A-Za-z0-9-]{0,31}:[^\s"\\]+$/i, 'must be a URN'),
  name: z.string().min(1),
  description: z.string().default(''),
  attributes: z
    .array(z.discriminatedUnion('type', [simple, complex]))
    .min(1)
    .superRefine(distinct),
});

/** Names are one whatever their case (RFC 7643 §2.1): of two, one could never be reached. */
function distinct(attributes: readonly { readonly name: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const { name } of attributes) {
    if (seen.has(name.toLowerCase())) context.addIssue({ code: 'custom', message: `has ${name} twice` });
    seen.add(name.toLowerCase());
  }
}

/**
 * Reads every `*.json` of a folder as a SCIM schema (RFC 7643 §7), sorted by file name.
 * @throws Error that names the file and what to change, if one is not a schema or two have one id
 */
export function readSchemas(folder: string): SchemaDefinition[] {
  const seen = new Map<string, string>();
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const definition = parseSchema(file, readFileSync(join(folder, file), 'utf8'));
      const twin = seen.get(definition.id.toLowerCase());
      if (twin !== undefined)
        throw new Error(`scim-schemas/${file}: ${twin} already has the id ${definition.id}`);
      seen.set(definition.id.toLowerCase(), file);
      return definition;
    });
}

function parseSchema(file: string, text: string): SchemaDefinition {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new Error(`scim-schemas/${file} is not JSON: ${(error as Error).message}`);
  }
  const parsed = schemaFile.safeParse(document);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`,
    );
    throw new Error(`scim-schemas/${file} is not a SCIM schema. ${problems.join('; ')}`);
  }
  return parsed.data;
}
