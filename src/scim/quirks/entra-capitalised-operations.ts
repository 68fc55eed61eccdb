/*
 * Microsoft Entra ID, default behaviour (no flag).
 *
 * Sent:   {"op": "Replace", "path": "displayName", "value": "x"}
 * Legal:  {"op": "replace", "path": "displayName", "value": "x"}        RFC 7644 §3.5.2
 */
import type { Quirk } from './dialect.ts';

export const entraCapitalisedOperations: Quirk = {
  name: 'entra-capitalised-operations',
  operation: (operation) => [{ ...operation, op: operation.op.toLowerCase() }],
};
