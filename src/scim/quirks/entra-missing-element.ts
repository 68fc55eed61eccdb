/*
 * Microsoft Entra ID: sets the value of an element that is not there yet, one sub-attribute after another.
 *
 * Sent:   {"op": "Add", "path": "addresses[type eq \"work\"].country", "value": "NL"}, and no such address
 * Legal:  {"op": "add", "path": "addresses", "value": [{"type": "work", "country": "NL"}]}
 *         The RFC's answer to what was sent is 400 noTarget (RFC 7644 §3.5.2.3).
 */
import type { Quirk } from './dialect.ts';

export const entraMissingElement: Quirk = { name: 'entra-missing-element', createsMissingElement: true };
