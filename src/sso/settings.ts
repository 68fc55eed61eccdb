import { z } from 'zod';
import { readStored } from '../directory/organizations/settings.ts';
import { webAddressProblem } from '../directory/rules/web-address.ts';

/** Which provider a connection is for: it decides what is suggested, never what is checked. */
export const SSO_PROVIDERS = ['okta', 'entra', 'google', 'generic'] as const;
export type SsoProvider = (typeof SSO_PROVIDERS)[number];
export type SsoProtocol = 'saml' | 'oidc';
export type SsoState = 'draft' | 'active' | 'off';

const addressShape = (isWrong: (text: string) => string | undefined) =>
  z
    .string()
    .trim()
    .max(2_000)
    .superRefine((text, context) => {
      const message = isWrong(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    });
const url = addressShape(webAddressProblem);
/** For a draft, whose provider is not known yet. */
const urlOrNothing = addressShape((text) => (text === '' ? undefined : webAddressProblem(text)));

const forceAuthn = z.boolean().default(false).meta({
  description:
    'Whether the provider asks for the credentials at every sign-in that begins here (ForceAuthn, prompt=login); one that does not is refused.',
});

/**
 * What a SAML connection knows of its identity provider. Certificates are rows of their own. Of a draft, `entityId`
 * and `ssoUrl` may be empty: our own addresses are needed first, where the provider is set up.
 */
export const samlSettingsShape = z.object({
  entityId: z.string().trim().max(1_024).default(''),
  ssoUrl: urlOrNothing.default(''),
  ssoBinding: z.enum(['redirect', 'post']).default('redirect'),
  sloUrl: url.nullable().default(null),
  sloBinding: z.enum(['redirect', 'post']).default('redirect').meta({
    description: 'How browsers send single logout messages to the provider.',
  }),
  sloResponseUrl: url
    .nullable()
    .default(null)
    .meta({ description: 'Where single logout responses are sent, if not to sloUrl.' }),
  metadataUrl: url
    .nullable()
    .default(null)
    .meta({ description: 'The URL of the metadata, which is read every day or as often as it asks.' }),
  nameIdFormat: z.string().trim().max(200).nullable().default(null),
  signRequests: z.boolean().default(true),
  forceAuthn,
  allowIdpInitiated: z.boolean().default(false).meta({
    description:
      'Allow sign-ins that start at the provider. A user can be tricked into another user’s session this way: leave it off unless you need it.',
  }),
  encryption: z.enum(['off', 'optional', 'required']).default('optional').meta({
    description: 'Whether assertions may or must be encrypted.',
  }),
});
export type SamlSettings = z.output<typeof samlSettingsShape>;

/**
 * What an OpenID Connect connection knows of its provider. The client secret is sealed, apart. Of a draft, `issuer`
 * and `clientId` may be empty.
 */
export const oidcSettingsShape = z.object({
  issuer: urlOrNothing.default(''),
  clientId: z.string().trim().max(512).default(''),
  clientAuth: z
    .enum(['private_key_jwt', 'client_secret_basic', 'client_secret_post'])
    .default('client_secret_basic'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/))
    .max(20)
    .default(['openid', 'email', 'profile']),
  requiredClaims: z
    .array(
      z.object({
        claim: z.string().trim().min(1, 'Enter the name of the claim.').max(200),
        value: z.string().min(1, 'Enter the value of the claim.').max(500),
      }),
    )
    .max(20, 'At most 20 claims.')
    .default([])
    .meta({ description: 'Claims that must have these values, or a sign-in is refused.' }),
  forceAuthn,
});
export type OidcSettings = z.output<typeof oidcSettingsShape>;

const attribute = z.string().trim().min(1, 'Enter the name of the attribute or claim.').max(512);
const role = z.enum(['readonly', 'train', 'configure', 'admin']);

/** Just-in-time provisioning (R41 to R47, docs/roles.md §7), with what applies until an administrator sets it. */
export const provisioningShape = z.object({
  enabled: z
    .boolean()
    .default(false)
    .meta({ description: 'JIT provisioning: create users at their first sign-in.' }),
  whenScim: z.enum(['stop', 'go_on']).default('stop').meta({
    description:
      'Whether users are still created at sign-in once a SCIM token of this connection has been used.',
  }),
  defaultRole: role.default('readonly'),
  emailAttribute: attribute.default('email'),
  nameAttribute: attribute.nullable().default('displayName'),
  groupAttribute: attribute.nullable().default(null),
  externalIdAttribute: attribute.nullable().default(null).meta({
    description:
      'The immutable claim that SCIM sends as externalId, such as Entra’s objectidentifier; null: the subject.',
  }),
  autoCreateGroups: z.boolean().default(false),
  roleSource: z.enum(['app', 'idp_groups']).default('app').meta({
    description:
      'app: the role is set when the user is created. idp_groups: the groups of the provider decide at every sign-in.',
  }),
  roleMapping: z
    .array(
      z.object({
        group: z.string().trim().min(1, 'Enter the name of the group at the provider.').max(512),
        role,
      }),
    )
    .max(200)
    .default([])
    .meta({ description: 'The role that each group of the provider grants. The highest one is used.' }),
  allowedDomains: z.array(z.string().trim().toLowerCase().min(1).max(253)).max(200).default([]).meta({
    description:
      'Domains whose users are created at sign-in, besides the verified domains of the connection. Without any, no users are created.',
  }),
});
export type Provisioning = z.output<typeof provisioningShape>;

/** Whether the settings are complete enough to begin a sign-in. */
export function isComplete(
  settings: Pick<SamlSettings, 'entityId' | 'ssoUrl'> | Pick<OidcSettings, 'issuer' | 'clientId'>,
): boolean {
  return 'entityId' in settings
    ? settings.entityId !== '' && settings.ssoUrl !== ''
    : settings.issuer !== '' && settings.clientId !== '';
}

export const readProvisioning = (stored: unknown): Provisioning => readStored(provisioningShape, stored);
