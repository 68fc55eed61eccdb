/*
 * Microsoft Entra ID: attributes of an extension without its URN, in paths, in filters and (older tenants) in bodies.
 *
 * Sent:   {"op": "Add", "path": "manager", "value": …}, POST {"userName": …, "department": null, "manager": null},
 *         filter=id eq "…" and manager eq "…"
 * Legal:  {"op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", …}
 */
import { extensionsWith, type ResourceType } from '../schema/resource-type.ts';
import { isObject, type Quirk } from './dialect.ts';

/** The URN of the one extension that has the attribute; undefined if the core schema or several have it. */
function extensionOf(name: string, type: ResourceType): string | undefined {
  const owners = extensionsWith(name, type);
  return owners.length === 1 ? owners[0]?.urn : undefined;
}

/** Puts the URN before a path that lacks it. */
function qualify(path: string, type: ResourceType): string {
  const name = path.split('.')[0] ?? path;
  const urn = /^[\w$-]+$/.test(name) ? extensionOf(name, type) : undefined;
  return urn === undefined ? path : `${urn}:${path}`;
}

/** Moves every such attribute of a body into its extension's object. */
function rehome(body: Record<string, unknown>, type: ResourceType): Record<string, unknown> {
  const strays = Object.keys(body).filter((name) => extensionOf(name, type) !== undefined);
  if (strays.length === 0) return body;
  const result = Object.fromEntries(Object.entries(body).filter(([name]) => !strays.includes(name)));
  for (const name of strays) {
    if (body[name] === null) continue;
    const urn = extensionOf(name, type) as string;
    const key = Object.keys(result).find((each) => each.toLowerCase() === urn.toLowerCase()) ?? urn;
    const present = result[key];
    result[key] = { [name]: body[name], ...(isObject(present) ? present : {}) };
  }
  return result;
}

export const entraExtensionAttributesWithoutUrn: Quirk = {
  name: 'entra-extension-attributes-without-urn',
  resource: rehome,
  path: qualify,
  operation: (operation, type) => {
    const { path, value } = operation;
    if (path === undefined)
      return isObject(value) ? [{ ...operation, value: rehome(value, type) }] : [operation];
    return [{ ...operation, path: qualify(path, type) }];
  },
};
