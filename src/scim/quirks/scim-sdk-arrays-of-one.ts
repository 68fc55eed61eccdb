/*
 * Captain-P-Goldfish/SCIM-SDK's client, which Keycloak plugins use: an array of one where a single value belongs.
 * It does the same where there is no path. Simple clients do the opposite: one object where an array belongs.
 *
 * Sent:   {"op": "replace", "path": "active", "value": [true]},  {"op": "replace", "value": [{"active": true}]},  POST /Users {"emails": {"value": "ann@example.com"}, …}
 * Legal:  {"op": "replace", "path": "active", "value": true},    {"op": "replace", "value": {"active": true}},    POST /Users {"emails": [{"value": "ann@example.com"}], …}
 */
import { isObject, type Quirk } from './dialect.ts';

export const scimSdkArraysOfOne: Quirk = {
  name: 'scim-sdk-arrays-of-one',
  operation: (operation) => {
    const { path, value } = operation;
    const isArrayOfOne = Array.isArray(value) && value.length === 1 && isObject(value[0]);
    return [path === undefined && isArrayOfOne ? { ...operation, value: value[0] as unknown } : operation];
  },
  value: (value, attribute) =>
    !attribute.multiValued && Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value,
  list: (value, attribute) => (attribute.type === 'complex' && isObject(value) ? [value] : value),
};
