/*
 * Microsoft Entra ID: a schema of its own in `schemas`, with no attribute of it in the body.
 *
 * Sent:   POST /Groups {"schemas": ["urn:…:core:2.0:Group", "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"], …}
 * Legal:  POST /Groups {"schemas": ["urn:…:core:2.0:Group"], …}         RFC 7643 §3
 */
import type { Quirk } from './dialect.ts';

export const entraUnknownGroupSchema: Quirk = {
  name: 'entra-unknown-group-schema',
  resource: (body, type) => {
    const schemas = body['schemas'];
    if (!Array.isArray(schemas)) return body;
    const isForeign = (uri: unknown) =>
      typeof uri === 'string' && uri.toLowerCase().startsWith('http://schemas.microsoft.com/');
    return schemas.some(isForeign) && type.name === 'Group'
      ? { ...body, schemas: schemas.filter((uri) => !isForeign(uri)) }
      : body;
  },
};
