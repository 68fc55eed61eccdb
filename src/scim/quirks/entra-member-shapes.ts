/*
 * Microsoft's Postman collection (SCIMReferenceCode): members as bare ids, or with `displayName`.
 *
 * Sent:   {"members": ["f648"]}, {"members": [{"value": "f648", "displayName": "Ann"}]}
 * Legal:  {"members": [{"value": "f648"}]}                              RFC 7643 §4.2
 */
import { isObject, type Quirk } from './dialect.ts';

export const entraMemberShapes: Quirk = {
  name: 'entra-member-shapes',
  value: (value, attribute) => {
    if (attribute.path.join('.') !== 'members') return value;
    if (typeof value === 'string') return { value };
    if (!isObject(value)) return value;
    const entries = Object.entries(value);
    const legal = entries.filter(([name]) => name.toLowerCase() !== 'displayname');
    return legal.length === entries.length ? value : Object.fromEntries(legal);
  },
};
