/*
 * Microsoft Entra ID with AppRoleAssignmentsComplex: a whole role as JSON text inside `value`.
 *
 * Sent:   {"op": "Add", "path": "roles", "value": [{"value": "{\"id\":\"06b0\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"}]}
 * Legal:  {"op": "add", "path": "roles", "value": [{"value": "Admin", "display": "Admin"}]}
 *
 * The same text comes for the value alone: {"path": "roles[primary eq \"True\"].value", "value": "{…}"}.
 */
import { pathOf } from '../schema/attribute.ts';
import { isObject, type Quirk } from './dialect.ts';

function unpack(element: unknown): unknown {
  if (!isObject(element) || typeof element['value'] !== 'string' || !element['value'].startsWith('{'))
    return element;
  let role: unknown;
  try {
    role = JSON.parse(element['value']);
  } catch {
    return element;
  }
  if (!isObject(role) || typeof role['value'] !== 'string') return element;
  const display = role['displayName'];
  return { ...element, value: role['value'], ...(typeof display === 'string' ? { display } : {}) };
}

export const entraJsonInRoles: Quirk = {
  name: 'entra-json-in-roles',
  value: (value, attribute) => {
    const path = pathOf(attribute);
    if (path === 'roles') return unpack(value);
    return path === 'roles.value' ? (unpack({ value }) as { value: unknown }).value : value;
  },
};
