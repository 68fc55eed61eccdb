/*
 * Okta sends "" for what it has no value for; Entra ID clears an attribute so.
 *
 * Sent:   {"name": {"givenName": "Ann", "middleName": ""}}, {"op": "Replace", "path": "title", "value": ""}
 * Legal:  {"name": {"givenName": "Ann"}},                   {"op": "remove", "path": "title"}
 */
import type { Quirk } from './dialect.ts';

export const oktaEmptyStrings: Quirk = {
  name: 'okta-empty-strings',
  value: (value, attribute) => (value === '' && attribute.type !== 'boolean' ? null : value),
};
