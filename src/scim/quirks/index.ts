import { clientsNumbersForStrings } from './clients-numbers-for-strings.ts';
import { clientsRoleNames } from './clients-role-names.ts';
import { clientsUnknownAttributes } from './clients-unknown-attributes.ts';
import { composeDialect, type Dialect } from './dialect.ts';
import { entraCapitalisedOperations } from './entra-capitalised-operations.ts';
import { entraDottedKeys } from './entra-dotted-keys.ts';
import { entraExtensionAttributesWithoutUrn } from './entra-extension-attributes-without-urn.ts';
import { entraJsonInRoles } from './entra-json-in-roles.ts';
import { entraMemberShapes } from './entra-member-shapes.ts';
import { entraMissingElement } from './entra-missing-element.ts';
import { entraReferenceShapes } from './entra-reference-shapes.ts';
import { entraRemoveWithValue } from './entra-remove-with-value.ts';
import { entraStringBooleans } from './entra-string-booleans.ts';
import { entraUnknownGroupSchema } from './entra-unknown-group-schema.ts';
import { oktaEmptyStrings } from './okta-empty-strings.ts';
import { oktaReadOnlyInPatch } from './okta-read-only-in-patch.ts';
import { pingfederateUnquotedValues } from './pingfederate-unquoted-values.ts';
import { scimSdkArraysOfOne } from './scim-sdk-arrays-of-one.ts';
import { scim2ClientSchemasInExtension } from './scim2-client-schemas-in-extension.ts';
import { ssoreadyMissingSchemas } from './ssoready-missing-schemas.ts';

/** How most clients are spoken to: every quirk, in an order in which each finds what those before it made legal. */
export const tolerantDialect: Dialect = composeDialect([
  entraCapitalisedOperations,
  entraDottedKeys,
  entraExtensionAttributesWithoutUrn,
  entraRemoveWithValue,
  oktaReadOnlyInPatch,
  scim2ClientSchemasInExtension,
  entraUnknownGroupSchema,
  ssoreadyMissingSchemas,
  scimSdkArraysOfOne,
  entraReferenceShapes,
  entraMemberShapes,
  clientsRoleNames,
  entraJsonInRoles,
  entraStringBooleans,
  clientsNumbersForStrings,
  oktaEmptyStrings,
  entraMissingElement,
  pingfederateUnquotedValues,
  clientsUnknownAttributes,
]);

/** Strict mode: the RFCs and the interoperability profile to the letter. */
export const strictDialect: Dialect = composeDialect([]);
