/*
 * Microsoft Entra ID, default behaviour: the words "True" and "False" where a boolean belongs. Read as a
 * truthy string, "False" leaves a user active who was to be deactivated.
 *
 * Sent:   {"op": "Replace", "path": "active", "value": "False"}, roles[primary eq "True"].value
 * Legal:  {"op": "replace", "path": "active", "value": false},   roles[primary eq true].value
 */
import type { Quirk } from './dialect.ts';

const words: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

export const entraStringBooleans: Quirk = {
  name: 'entra-string-booleans',
  value: (value, attribute) =>
    attribute.type === 'boolean' && typeof value === 'string'
      ? (words.get(value.toLowerCase()) ?? value)
      : value,
};
