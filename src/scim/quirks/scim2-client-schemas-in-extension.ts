/*
 * scim2-client and others that build an extension as a resource of its own: `schemas` inside its object.
 *
 * Sent:   {"urn:…:enterprise:2.0:User": {"schemas": ["urn:…:enterprise:2.0:User"], "department": "R&D"}}
 * Legal:  {"urn:…:enterprise:2.0:User": {"department": "R&D"}}           RFC 7643 §3.3
 */
import type { ResourceType } from '../schema/resource-type.ts';
import { isObject, type Quirk } from './dialect.ts';

function withoutSchemas(value: unknown): unknown {
  if (!isObject(value) || !('schemas' in value)) return value;
  const { schemas: _, ...rest } = value;
  return rest;
}

function inExtensions(body: Record<string, unknown>, type: ResourceType): Record<string, unknown> {
  const urns = Object.keys(body).filter(
    (name) => type.extensions.has(name.toLowerCase()) && withoutSchemas(body[name]) !== body[name],
  );
  if (urns.length === 0) return body;
  return { ...body, ...Object.fromEntries(urns.map((urn) => [urn, withoutSchemas(body[urn])])) };
}

export const scim2ClientSchemasInExtension: Quirk = {
  name: 'scim2-client-schemas-in-extension',
  resource: inExtensions,
  operation: (operation, type) => {
    const { path, value } = operation;
    if (path !== undefined && type.extensions.has(path.toLowerCase())) {
      return [{ ...operation, value: withoutSchemas(value) }];
    }
    return path === undefined && isObject(value)
      ? [{ ...operation, value: inExtensions(value, type) }]
      : [operation];
  },
};
