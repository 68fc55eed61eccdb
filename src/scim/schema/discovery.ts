import { ROLES } from '../../directory/roles/rules/roles.ts';
import type { ProvisioningSettings } from '../../provisioning/settings.ts';
import { ACCESS_SCHEMA } from '../access-attributes.ts';
import { ScimError } from '../errors.ts';
import type { AttributeDefinition, SchemaDefinition } from './definition.ts';
import { type ResourceType, type ResourceTypes, USER_SCHEMA } from './resource-type.ts';

const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Schema';
const RESOURCE_TYPE = 'urn:ietf:params:scim:schemas:core:2.0:ResourceType';
const SERVICE_PROVIDER_CONFIG = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig';
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

export interface DiscoveryLimits {
  readonly maxResults: number;
  /** Resources of a page whose size the client leaves open. */
  readonly defaultResults: number;
  /** Seconds for which a cursor is valid. */
  readonly cursorTimeout: number;
  /** Operations and bytes of one request: clients that send one operation a member split a PATCH at these. */
  readonly maxOperations: number;
  readonly maxPayloadSize: number;
}

/** The discovery documents as JSON text, built once: they describe the server (RFC 7644 §4). */
export interface Discovery {
  resourceTypes(settings: ProvisioningSettings): string;
  schemas(settings: ProvisioningSettings): string;
  serviceProviderConfig(strict: boolean): string;
  /** @throws ScimError 404 */
  schema(id: string, settings: ProvisioningSettings): string;
  /** @throws ScimError 404 */
  resourceType(name: string, settings: ProvisioningSettings): string;
}

/** Builds the discovery documents from the compiled schemas. @param base the SCIM base URL */
export function createDiscovery(types: ResourceTypes, base: string, limits: DiscoveryLimits): Discovery {
  const known = new Map<string, Documents>();
  const documents = (settings: ProvisioningSettings): Documents => {
    const key = `${settings.uniqueEmails} ${settings.roleSource}`;
    const made = known.get(key) ?? makeDocuments(types, base, settings);
    known.set(key, made);
    return made;
  };
  const configs = new Map(
    [true, false].map((strict) => [strict, JSON.stringify(config(base, limits, strict))]),
  );
  return {
    schemas: (settings) => documents(settings).schemas,
    resourceTypes: (settings) => documents(settings).resourceTypes,
    serviceProviderConfig: (strict) => configs.get(strict) as string,
    schema: (id, settings) => found(documents(settings).schemaById.get(id.toLowerCase()), 'Schema', id),
    resourceType: (name, settings) =>
      found(documents(settings).typeByName.get(name.toLowerCase()), 'Resource type', name),
  };
}

/** The documents that depend on how a connection is set up. */
interface Documents {
  readonly schemas: string;
  readonly resourceTypes: string;
  /** By the id in lower case. */
  readonly schemaById: ReadonlyMap<string, string>;
  /** By the name in lower case. */
  readonly typeByName: ReadonlyMap<string, string>;
}

function makeDocuments(types: ResourceTypes, base: string, settings: ProvisioningSettings): Documents {
  const isShown = (id: string) => id !== ACCESS_SCHEMA.id || settings.roleSource !== 'app';
  const schemas = types.schemas
    .filter(({ id }) => isShown(id))
    .map((definition) => ({
      schemas: [SCHEMA],
      ...describedFor(definition, settings),
      meta: { resourceType: 'Schema', location: `${base}/Schemas/${definition.id}` },
    }));
  const resourceTypes = [types.user, types.group].map((type) => resourceType(type, base, isShown));
  return {
    schemas: JSON.stringify(listOf(schemas)),
    resourceTypes: JSON.stringify(listOf(resourceTypes)),
    schemaById: new Map(schemas.map((schema) => [schema.id.toLowerCase(), JSON.stringify(schema)])),
    typeByName: new Map(resourceTypes.map((type) => [type.name.toLowerCase(), JSON.stringify(type)])),
  };
}

/** The schema of users as it is for a connection: whether e-mail addresses are unique, and which roles there are. */
function describedFor(schema: SchemaDefinition, settings: ProvisioningSettings): SchemaDefinition {
  if (schema.id !== USER_SCHEMA) return schema;
  const values: ReadonlyMap<string, Partial<AttributeDefinition>> = new Map([
    ...(settings.uniqueEmails ? [['emails', { uniqueness: 'server' }] as const] : []),
    ...(settings.roleSource === 'scim_roles' ? [['roles', { canonicalValues: ROLES }] as const] : []),
  ]);
  return {
    ...schema,
    attributes: schema.attributes.map((attribute) => {
      const described = values.get(attribute.name);
      if (described === undefined || attribute.subAttributes === undefined) return attribute;
      const subAttributes = attribute.subAttributes.map((sub) =>
        sub.name === 'value' ? { ...sub, ...described } : sub,
      );
      return { ...attribute, subAttributes };
    }),
  };
}

function found(document: string | undefined, kind: string, id: string): string {
  if (document === undefined) throw new ScimError(404, undefined, `${kind} not found: ${id.slice(0, 120)}.`);
  return document;
}

function listOf(resources: readonly object[]): object {
  return {
    schemas: [LIST],
    totalResults: resources.length,
    startIndex: 1,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}

function resourceType(type: ResourceType, base: string, isShown: (schema: string) => boolean) {
  return {
    schemas: [RESOURCE_TYPE],
    id: type.name,
    name: type.name,
    endpoint: type.endpoint,
    description: type.schema.description,
    schema: type.schema.id,
    schemaExtensions: [...type.extensions.values()]
      .filter(({ urn }) => isShown(urn))
      .map(({ urn }) => ({ schema: urn, required: false })),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type.name}` },
  };
}

function config(base: string, limits: DiscoveryLimits, strict: boolean) {
  return {
    schemas: [SERVICE_PROVIDER_CONFIG],
    patch: { supported: true },
    bulk: {
      supported: true,
      maxOperations: limits.maxOperations,
      maxPayloadSize: limits.maxPayloadSize,
    },
    filter: { supported: true, maxResults: limits.maxResults },
    // RFC 9865 §4
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: limits.defaultResults,
      maxPageSize: limits.maxResults,
      cursorTimeout: limits.cursorTimeout,
    },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: !strict },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'OAuth Bearer Token',
        description: 'A token of this connection in the Authorization header.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    ...(strict ? { interopProfileConformant: true } : {}),
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
}
