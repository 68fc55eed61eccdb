import { z } from 'zod';
import { addressesOf } from '../addresses.ts';

const label = (where: string) =>
  z
    .string()
    .nullable()
    .meta({ description: `What ${where} calls it; null where it does not ask for it.` });

export const serviceProviderShape = z
  .array(
    z.object({
      name: z.enum([
        'acsUrl',
        'entityId',
        'metadataUrl',
        'sloUrl',
        'redirectUri',
        'postLogoutRedirectUri',
        'backchannelLogoutUri',
        'jwksUri',
        'signInUrl',
      ]),
      value: z.string(),
      labels: z.object({
        okta: label('Okta'),
        entra: label('Microsoft Entra ID'),
        google: label('Google'),
        generic: z.string(),
      }),
    }),
  )
  .meta({ description: 'What to enter at the identity provider.' });

type Value = z.input<typeof serviceProviderShape>[number];

/** What has to be entered at a provider, under the labels of its own forms. */
export function serviceProviderValues(protocol: 'saml' | 'oidc', publicUrl: string, id: string): Value[] {
  const addresses = addressesOf(publicUrl, id);
  const signIn: Value = {
    name: 'signInUrl',
    value: addresses.signIn,
    labels: {
      okta: protocol === 'oidc' ? 'Initiate login URI' : null,
      entra: protocol === 'saml' ? 'Sign on URL (Optional)' : 'Home page URL',
      google: protocol === 'saml' ? 'Start URL' : null,
      generic: 'Sign-in URL',
    },
  };
  if (protocol === 'oidc') {
    return [
      {
        name: 'redirectUri',
        value: addresses.oidcCallback,
        labels: {
          okta: 'Sign-in redirect URIs',
          entra: 'Redirect URI (Web)',
          google: 'Authorized redirect URIs',
          generic: 'Redirect URI',
        },
      },
      {
        name: 'postLogoutRedirectUri',
        value: addresses.signedOut,
        labels: {
          okta: 'Sign-out redirect URIs',
          entra: 'Redirect URI (Web)',
          google: null,
          generic: 'Post-logout redirect URI',
        },
      },
      {
        name: 'backchannelLogoutUri',
        value: addresses.oidcBackchannelLogout,
        labels: { okta: null, entra: null, google: null, generic: 'Back-channel logout URI' },
      },
      {
        name: 'jwksUri',
        value: addresses.oidcJwks,
        labels: {
          okta: 'Public keys: Use a URL to fetch keys dynamically',
          entra: null,
          google: null,
          generic: 'JWKS URI (for private_key_jwt)',
        },
      },
      signIn,
    ];
  }
  return [
    {
      name: 'acsUrl',
      value: addresses.samlAcs,
      labels: {
        okta: 'Single sign-on URL',
        entra: 'Reply URL (Assertion Consumer Service URL)',
        google: 'ACS URL',
        generic: 'Assertion Consumer Service (ACS) URL',
      },
    },
    {
      name: 'entityId',
      value: addresses.samlEntityId,
      labels: {
        okta: 'Audience URI (SP Entity ID)',
        entra: 'Identifier (Entity ID)',
        google: 'Entity ID',
        generic: 'SP entity ID',
      },
    },
    {
      name: 'metadataUrl',
      value: addresses.samlMetadata,
      labels: { okta: null, entra: 'Upload metadata file', google: null, generic: 'SP metadata URL' },
    },
    {
      name: 'sloUrl',
      value: addresses.samlSlo,
      labels: {
        okta: 'Single Logout URL',
        entra: 'Logout Url (Optional)',
        google: null,
        generic: 'Single logout (SLO) URL',
      },
    },
    signIn,
  ];
}
