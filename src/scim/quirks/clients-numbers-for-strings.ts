/*
 * Directories that keep a number where SCIM has a string. Only whole numbers that JSON readers agree on are read.
 *
 * Sent:   {"op": "replace", "path": "urn:…:enterprise:2.0:User:employeeNumber", "value": 12}
 * Legal:  {"op": "replace", "path": "urn:…:enterprise:2.0:User:employeeNumber", "value": "12"}
 */
import type { Quirk } from './dialect.ts';

export const clientsNumbersForStrings: Quirk = {
  name: 'clients-numbers-for-strings',
  value: (value, attribute) =>
    attribute.type === 'string' && Number.isSafeInteger(value) ? String(value) : value,
};
