import { z } from 'zod';
import { withoutUndefined } from '../../directory/groups/routes/groups.ts';
import { changesShapeOf } from '../../directory/organizations/settings.ts';
import { type FieldError, validationFailed } from '../../rest/problem.ts';
import { connectionId, line } from '../../rest/shapes.ts';
import type { ConnectionInput, NewConnection } from '../administration/connections.ts';
import { oidcSettingsShape, SSO_PROVIDERS, samlSettingsShape } from '../settings.ts';

const name = line;
const provider = z.enum(SSO_PROVIDERS, { error: `must be one of ${SSO_PROVIDERS.join(', ')}.` });
const clientSecret = z.string().min(1, 'Enter the client secret.').max(2_000);
const samlChanges = changesShapeOf(samlSettingsShape);
const oidcChanges = changesShapeOf(oidcSettingsShape);
const metadataUrl = z.string().trim().min(1, 'Enter the address of the metadata.').max(2_000);
const metadataXml = z.string().min(1, 'Paste the metadata.').max(1_048_576);

const common = {
  name,
  provider,
  connectionId: connectionId
    .optional()
    .meta({ description: 'A SCIM connection to which single sign-on is added.' }),
};
/** A requested connection. */
export const newConnectionShape = z.discriminatedUnion(
  'protocol',
  [
    z
      .strictObject({
        ...common,
        protocol: z.literal('saml'),
        settings: samlChanges.default({}),
        metadataUrl: metadataUrl.optional().meta({ description: 'Read now, and once active every day.' }),
        metadataXml: metadataXml.optional(),
      })
      .refine((body) => body.metadataUrl === undefined || body.metadataXml === undefined, {
        path: ['metadataXml'],
        message: 'Send metadataUrl or metadataXml, not both.',
      }),
    z.strictObject({
      ...common,
      protocol: z.literal('oidc'),
      settings: oidcChanges.default({}),
      clientSecret: clientSecret.optional().meta({ description: 'Kept sealed; it is never shown.' }),
    }),
  ],
  { error: 'must be saml or oidc.' },
);

/** What is to be different. Settings of either protocol: no name is of both. */
export const changedConnectionShape = z.strictObject({
  name: name.optional(),
  provider: provider.optional(),
  settings: z
    .strictObject({ ...samlChanges.shape, ...oidcChanges.shape })
    .default({})
    .meta({ description: 'Of the protocol of the connection.' }),
  clientSecret: clientSecret.nullable().optional().meta({ description: 'null takes it away.' }),
});

export function readNewConnection(body: z.output<typeof newConnectionShape>): NewConnection {
  const { name: called, provider: of } = body;
  const shared = { name: called, provider: of, connection: body.connectionId };
  if (body.protocol === 'oidc') {
    const { protocol, settings, clientSecret: secret } = body;
    return { ...shared, protocol, settings: withoutUndefined(settings), clientSecret: secret };
  }
  const { protocol, settings, metadataUrl: url, metadataXml: xml } = body;
  const metadata = url !== undefined ? { url } : xml !== undefined ? { xml } : undefined;
  return { ...shared, protocol, settings: withoutUndefined(settings), metadata };
}

/** @throws ProblemError 422 for fields that the protocol of the connection does not have */
export function readConnectionInput(
  body: z.output<typeof changedConnectionShape>,
  protocol: 'saml' | 'oidc',
): ConnectionInput {
  const settings = withoutUndefined(body.settings);
  const known = protocol === 'saml' ? samlChanges.shape : oidcChanges.shape;
  const unknown = Object.keys(settings).filter((field) => !Object.hasOwn(known, field));
  const fields = unknown.map((field) => `settings.${field}`);
  if (protocol === 'saml' && body.clientSecret !== undefined) fields.push('clientSecret');
  if (fields.length > 0) throw validationFailed(fields.map((field) => notOf(protocol, field)));
  return { name: body.name, provider: body.provider, settings, clientSecret: body.clientSecret };
}

function notOf(protocol: 'saml' | 'oidc', path: string): FieldError {
  const language = protocol === 'saml' ? 'SAML' : 'OpenID Connect';
  return { path, code: 'unknown', message: `A connection that speaks ${language} has no "${path}".` };
}
