/*
 * Directories with attributes of their own: what an administrator mapped to a name that no schema of ours has.
 * Refused, a change that also deactivates a user would leave the user active.
 *
 * Sent:   {"Operations": [{"op": "replace", "path": "active", "value": "False"},
 *                         {"op": "replace", "path": "companyName", "value": "Ory"}]}
 * Legal:  {"Operations": [{"op": "replace", "path": "active", "value": false}]}
 *         The attribute is left out, and the response header Rollcall-Ignored names it.
 */
import type { Quirk } from './dialect.ts';

export const clientsUnknownAttributes: Quirk = {
  name: 'clients-unknown-attributes',
  ignoresUnknownAttributes: true,
};
