/*
 * Microsoft Entra ID, default behaviour; authentik and JumpCloud too: "remove" with the values to remove.
 * By the RFC this path removes every member, which is what other servers did.
 *
 * Sent:   {"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "f648"}]}
 * Legal:  {"op": "remove", "path": "members[value eq \"f648\"]"}        RFC 7644 §3.5.2.2
 */
import { badRequest } from '../errors.ts';
import { resolvePath } from '../schema/resource-type.ts';
import { isObject, MAX_REWRITTEN, type Quirk, tooManyOperations } from './dialect.ts';

export const entraRemoveWithValue: Quirk = {
  name: 'entra-remove-with-value',
  operation: (operation, type) => {
    const { op, path, value } = operation;
    if (op !== 'remove' || path === undefined || value === undefined || value === null) return [operation];
    const target = resolvePath(type, path);
    if (target?.sub !== undefined || target?.attribute.multiValued !== true) return [operation];
    const elements = Array.isArray(value) ? value : [value];
    if (elements.length > MAX_REWRITTEN) throw tooManyOperations(elements.length, MAX_REWRITTEN);
    return elements.map((element: unknown) => {
      const id = isObject(element) ? element['value'] : element;
      if (typeof id !== 'string' && typeof id !== 'number' && typeof id !== 'boolean') {
        throw badRequest(
          'invalidValue',
          `Each value to remove from "${path}" needs a "value" that is a string, a number or a boolean.`,
        );
      }
      return { op, path: `${path}[value eq ${JSON.stringify(id)}]`, value: undefined };
    });
  },
};
