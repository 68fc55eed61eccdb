/*
 * Okta renames a pushed group with its id in the value; authentik sends the whole resource.
 *
 * Sent:   {"op": "replace", "value": {"id": "abf4", "displayName": "New name"}}
 * Legal:  {"op": "replace", "path": "displayName", "value": "New name"}  (a read-only attribute is 400 mutability)
 */
import { isObject, type Quirk } from './dialect.ts';

export const oktaReadOnlyInPatch: Quirk = {
  name: 'okta-read-only-in-patch',
  operation: (operation, type) => {
    const { path, value } = operation;
    if (path !== undefined || !isObject(value)) return [operation];
    const entries = Object.entries(value);
    const writable = entries.filter(
      ([name]) => type.attributes.get(name.toLowerCase())?.mutability !== 'readOnly',
    );
    if (writable.length === entries.length) return [operation];
    return [{ ...operation, value: Object.fromEntries(writable) }];
  },
};
