/*
 * Microsoft Entra ID: a reference (`manager`) as a bare id, as an array of one, or emptied by "".
 *
 * Sent:   {"op": "Add", "path": "urn:…:enterprise:2.0:User:manager", "value": "271"}
 *         {"op": "Add", "path": "manager", "value": [{"$ref": "http://…/271", "value": "271"}]}
 *         {"op": "Replace", "path": "urn:…:manager", "value": ""}, or {"value": {"value": ""}}
 * Legal:  {"op": "add", "path": "urn:…:enterprise:2.0:User:manager", "value": {"value": "271"}}
 *         {"op": "remove", "path": "urn:…:enterprise:2.0:User:manager"}
 */
import { isObject, type Quirk } from './dialect.ts';

export const entraReferenceShapes: Quirk = {
  name: 'entra-reference-shapes',
  value: (sent, attribute) => {
    const isReference =
      attribute.type === 'complex' &&
      !attribute.multiValued &&
      attribute.subAttributes.has('value') &&
      attribute.subAttributes.has('$ref');
    if (!isReference) return sent;
    const value = Array.isArray(sent) && sent.length === 1 ? (sent[0] as unknown) : sent;
    if (value === '') return null;
    if (typeof value === 'string') return { value };
    return isObject(value) && (value['value'] === '' || value['value'] === null) ? null : value;
  },
};
