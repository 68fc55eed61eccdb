/*
 * SSOReady's DummyIDP sends no `schemas`; OneLogin's templates a SCIM 1 style one.
 *
 * Sent:   POST /Users {"userName": "ann"}, POST /Users {"schemas": ["urn:scim:schemas:core:1.0"], …}
 * Legal:  POST /Users {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], …}
 */
import type { Quirk } from './dialect.ts';

export const ssoreadyMissingSchemas: Quirk = {
  name: 'ssoready-missing-schemas',
  resource: (body, type) => {
    const schemas = body['schemas'];
    if (schemas === undefined || schemas === null) return { ...body, schemas: [type.schema.id] };
    if (!Array.isArray(schemas)) return body;
    const ours = schemas.filter((uri) => !(typeof uri === 'string' && /^urn:scim:schemas:/i.test(uri)));
    const core = type.schema.id.toLowerCase();
    const hasCore = ours.some((uri) => typeof uri === 'string' && uri.toLowerCase() === core);
    if (hasCore && ours.length === schemas.length) return body;
    return hasCore ? { ...body, schemas: ours } : { ...body, schemas: [type.schema.id, ...ours] };
  },
};
