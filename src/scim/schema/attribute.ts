import type { AttributeDefinition } from './definition.ts';

/** What an attribute is: the characteristics of RFC 7643 §2.2, read once from `scim-schemas/` at start-up. */

export interface Attribute {
  /** The name as the schema spells it. */
  readonly name: string;
  /** The keys that lead to it in a resource, the extension's URN first where it has one. */
  readonly path: readonly string[];
  readonly type: AttributeDefinition['type'];
  readonly multiValued: boolean;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: AttributeDefinition['mutability'];
  readonly returned: AttributeDefinition['returned'];
  /** By lower-cased name; empty unless complex. */
  readonly subAttributes: ReadonlyMap<string, Attribute>;
}

/** The attributes of one schema by lower-cased name: names from clients meet only Maps, never plain objects. */
export type AttributeTable = ReadonlyMap<string, Attribute>;

/** How an error names an attribute: `name.givenName`, `urn:…:User:manager.value`. */
export function pathOf(attribute: Attribute): string {
  const [first = '', ...rest] = attribute.path;
  return first.includes(':') ? [first, rest.join('.')].join(':') : attribute.path.join('.');
}

/** The sub-attribute that represents the whole value in a comparison (`emails co "x"`, RFC 7644 §3.4.2.2). */
export function defaultSub(attribute: Attribute): Attribute | undefined {
  return attribute.subAttributes.get('value');
}
