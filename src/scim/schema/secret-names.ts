import type { AttributeTable } from './attribute.ts';
import type { ResourceTypes } from './resource-type.ts';

/** Names of the attributes that no answer may show: what clients send for them is kept nowhere. */
export function secretNames({ user, group }: ResourceTypes): ReadonlySet<string> {
  const names = new Set<string>();
  const collect = (table: AttributeTable): void => {
    for (const { name, returned, mutability, subAttributes } of table.values()) {
      if (returned === 'never' || mutability === 'writeOnly') names.add(name);
      collect(subAttributes);
    }
  };
  for (const type of [user, group]) {
    collect(type.attributes);
    for (const { attributes } of type.extensions.values()) collect(attributes);
  }
  return names;
}
