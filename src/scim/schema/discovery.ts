import type { ProvisioningSettings } from '../../directory/connections/settings.ts';
import { ScimError } from '../errors.ts';
import type { AttributeDefinition, SchemaDefinition } from './definition.ts';
import { type ResourceType, type ResourceTypes, USER_SCHEMA } from './resource-type.ts';

const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Schema';
const RESOURCE_TYPE = 'urn:ietf:params:scim:schemas:core:2.0:ResourceType';
const SERVICE_PROVIDER_CONFIG = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig';
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

export interface DiscoveryLimits {
  readonly maxResults: number;
  /** Operations and bytes of one request: clients that send one operation a member split a PATCH at these. */
  readonly maxOperations: number;
  readonly maxPayloadSize: number;
}

/** The discovery documents as JSON text, made once: they say what the server does (RFC 7644 §4). */
export interface Discovery {
  readonly resourceTypes: string;
  schemas(settings: ProvisioningSettings): string;
  serviceProviderConfig(strict: boolean): string;
  /** @throws ScimError 404 */
  schema(id: string, settings: ProvisioningSettings): string;
  /** @throws ScimError 404 */
  resourceType(name: string): string;
}

/** Builds the discovery documents from the compiled schemas. @param base the SCIM base URL */
export function createDiscovery(types: ResourceTypes, base: string, limits: DiscoveryLimits): Discovery {
  const shared = schemaDocuments(types.schemas, base);
  const unique = schemaDocuments(types.schemas.map(withUniqueEmails), base);
  const documents = ({ uniqueEmails }: ProvisioningSettings) => (uniqueEmails ? unique : shared);
  const resourceTypes = [types.user, types.group].map((type) => resourceType(type, base));
  const byName = new Map(resourceTypes.map((type) => [type.name.toLowerCase(), JSON.stringify(type)]));
  const configs = new Map(
    [true, false].map((strict) => [strict, JSON.stringify(config(base, limits, strict))]),
  );
  return {
    schemas: (settings) => documents(settings).list,
    resourceTypes: JSON.stringify(listOf(resourceTypes)),
    serviceProviderConfig: (strict) => configs.get(strict) as string,
    schema: (id, settings) => found(documents(settings).byId.get(id.toLowerCase()), `schema ${id}`),
    resourceType: (name) => found(byName.get(name.toLowerCase()), `resource type ${name}`),
  };
}

interface SchemaDocuments {
  readonly list: string;
  /** By the id in lower case. */
  readonly byId: ReadonlyMap<string, string>;
}

function schemaDocuments(definitions: readonly SchemaDefinition[], base: string): SchemaDocuments {
  const schemas = definitions.map((definition) => ({
    schemas: [SCHEMA],
    ...definition,
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${definition.id}` },
  }));
  return {
    list: JSON.stringify(listOf(schemas)),
    byId: new Map(schemas.map((schema) => [schema.id.toLowerCase(), JSON.stringify(schema)])),
  };
}

/** For a connection whose users share no primary e-mail address. */
function withUniqueEmails(schema: SchemaDefinition): SchemaDefinition {
  if (schema.id !== USER_SCHEMA) return schema;
  const unique = (sub: AttributeDefinition): AttributeDefinition =>
    sub.name === 'value' ? { ...sub, uniqueness: 'server' } : sub;
  return {
    ...schema,
    attributes: schema.attributes.map((attribute) =>
      attribute.name === 'emails' && attribute.subAttributes !== undefined
        ? { ...attribute, subAttributes: attribute.subAttributes.map(unique) }
        : attribute,
    ),
  };
}

function found(document: string | undefined, what: string): string {
  if (document === undefined) throw new ScimError(404, undefined, `There is no ${what.slice(0, 120)}.`);
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

function resourceType(type: ResourceType, base: string) {
  return {
    schemas: [RESOURCE_TYPE],
    id: type.name,
    name: type.name,
    endpoint: type.endpoint,
    description: type.schema.description,
    schema: type.schema.id,
    schemaExtensions: [...type.extensions.values()].map(({ urn }) => ({ schema: urn, required: false })),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type.name}` },
  };
}

function config(base: string, limits: DiscoveryLimits, strict: boolean) {
  return {
    schemas: [SERVICE_PROVIDER_CONFIG],
    patch: { supported: true },
    bulk: {
      supported: false,
      maxOperations: limits.maxOperations,
      maxPayloadSize: limits.maxPayloadSize,
    },
    filter: { supported: true, maxResults: limits.maxResults },
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
