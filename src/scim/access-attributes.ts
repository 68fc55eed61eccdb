import type { Access } from '../directory/roles/rights-of-users.ts';
import { presentedRoles } from '../directory/roles/rules/provisioned-roles.ts';
import { ROLES } from '../directory/roles/rules/roles.ts';
import type { Resource } from './schema/coerce.ts';
import type { AttributeDefinition, SchemaDefinition } from './schema/definition.ts';

const readOnly = (
  name: string,
  description: string,
  canonicalValues: readonly string[],
): AttributeDefinition => ({
  name,
  type: 'string',
  multiValued: false,
  description,
  required: false,
  caseExact: true,
  canonicalValues,
  mutability: 'readOnly',
  returned: 'default',
  uniqueness: 'none',
});

/** What a user may do here, for connections whose directory assigns roles. */
export const ACCESS_SCHEMA: SchemaDefinition = {
  id: 'urn:rollcall:params:scim:schemas:extension:access:2.0:User',
  name: 'Access',
  description: 'What the user may do: the role with those of groups and temporary access, and its tier',
  attributes: [
    readOnly(
      'effectiveRole',
      'The highest of the direct role, the roles of groups and temporary roles.',
      ROLES,
    ),
    readOnly('accessTier', 'How far the effective role reaches.', [
      'user',
      'manager',
      'admin',
      'super_admin',
    ]),
  ],
};

/** Shows the direct role as `roles`, in place of what the directory sent, and the access extension. */
export function withAccess(resource: Resource, { role, effectiveRole, accessTier }: Access): Resource {
  const { schemas, meta, ...attributes } = resource;
  return {
    schemas: [...(schemas as string[]), ACCESS_SCHEMA.id],
    ...attributes,
    roles: presentedRoles(role),
    [ACCESS_SCHEMA.id]: { effectiveRole, accessTier },
    meta,
  };
}

/** What an entity tag ends with where the answer shows access: it changes without the user's row. */
export const accessTag = ({ effectiveRole, accessTier }: Access): string => `~${effectiveRole}~${accessTier}`;

/** An `If-Match` header without such endings: a change is conditional on what the directory wrote. */
export const withoutAccessTags = (ifMatch: string): string => ifMatch.replaceAll(/~\w+~\w+(?=")/g, '');
