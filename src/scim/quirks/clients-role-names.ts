/*
 * Okta expressions and scripts: the names of roles, as texts.
 *
 * Sent:   {"userName": "ann", "roles": ["train"]}
 * Legal:  {"userName": "ann", "roles": [{"value": "train"}]}
 */
import type { Quirk } from './dialect.ts';

const asElement = (value: unknown): unknown =>
  typeof value === 'string' && value.trim() !== '' ? { value } : value;

export const clientsRoleNames: Quirk = {
  name: 'clients-role-names',
  value: (value, attribute) => {
    if (attribute.name !== 'roles' || attribute.path.length !== 1) return value;
    if (Array.isArray(value)) {
      return value.some((each) => typeof each === 'string') ? value.map(asElement) : value;
    }
    const element = asElement(value);
    return element === value ? value : [element];
  },
};
