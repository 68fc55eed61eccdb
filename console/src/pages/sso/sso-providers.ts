import type { SsoConnection } from '../../api/schema.d.ts';
import type { NamedValue } from '../../components/copy.tsx';
import { isSaml } from './use-sso.ts';

type ValueName = SsoConnection['serviceProvider'][number]['name'];

/** What one does at a provider, in its own words. */
export interface SsoGuide {
  readonly name: string;
  readonly protocol: SsoConnection['protocol'];
  /** As the API calls it. */
  readonly provider: SsoConnection['provider'];
  readonly where: string;
  readonly how: string;
  /** Values of ours under labels that the API does not know. */
  readonly labels?: Readonly<Partial<Record<ValueName, string>>>;
  /** Further values that are entered there. */
  readonly also?: readonly NamedValue[];
  /** Where the provider shows what is entered here. */
  readonly metadata: string;
  /** What the provider has to send, and under which name. */
  readonly attributes: string;
}

export const SSO_GUIDES = {
  okta: {
    name: 'Okta (SAML)',
    protocol: 'saml',
    provider: 'okta',
    where: 'Applications › Create App Integration › SAML 2.0 › Configure SAML',
    how: 'Enter these values, then finish and assign the people who are to sign in.',
    also: [
      { label: 'Name ID format', value: 'EmailAddress' },
      { label: 'Application username', value: 'Email' },
    ],
    metadata: 'Sign On › SAML 2.0 › Metadata URL › Copy',
    attributes:
      'Attribute Statements: email → user.email, displayName → user.displayName. Group Attribute Statements: memberOf, with the filter for the groups that count.',
  },
  entra: {
    name: 'Microsoft Entra ID (SAML)',
    protocol: 'saml',
    provider: 'entra',
    where: 'Enterprise applications › your application › Single sign-on › SAML › Basic SAML Configuration',
    how: 'Enter these values and save. Under Users and groups, assign the people who are to sign in.',
    metadata: 'SAML Certificates › App Federation Metadata Url (or download Federation Metadata XML)',
    attributes:
      'Attributes & Claims already sends the address, the name and objectidentifier. For groups: Add a group claim › Groups assigned to the application.',
  },
  google: {
    name: 'Google Workspace (SAML)',
    protocol: 'saml',
    provider: 'google',
    where: 'Apps › Web and mobile apps › Add app › Add custom SAML app › Service provider details',
    how: 'Enter these values, then switch the app on for the people who are to sign in.',
    also: [
      { label: 'Name ID format', value: 'EMAIL' },
      { label: 'Name ID', value: 'Basic Information > Primary email' },
    ],
    metadata: 'Download metadata (Option 1), then paste the file’s content',
    attributes: 'Attribute mapping: Primary email → email. Group membership: memberOf.',
  },
  onelogin: {
    name: 'OneLogin (SAML)',
    protocol: 'saml',
    provider: 'generic',
    where: 'Applications › Add App › SAML Custom Connector (Advanced) › Configuration',
    how: 'Enter these values and save. Under Access, give the app to the roles that are to sign in.',
    labels: {
      acsUrl: 'ACS (Consumer) URL',
      entityId: 'Audience (EntityID)',
      sloUrl: 'Single Logout URL',
      signInUrl: 'Login URL',
    },
    metadata: 'More Actions › SAML Metadata, then paste the file’s content; or SSO › Issuer URL',
    attributes:
      'Parameters: email → Email, displayName → Name, memberOf → User Roles; tick “Include in SAML assertion”.',
  },
  saml: {
    name: 'Another provider (SAML)',
    protocol: 'saml',
    provider: 'generic',
    where: 'The provider’s application for SAML 2.0: ADFS, Keycloak, PingOne, JumpCloud and others',
    how: 'Enter these values, or upload our metadata where it takes them.',
    metadata: 'Where the provider publishes its metadata: an address, or a file',
    attributes: 'email, displayName, and memberOf for groups; other names are set under Auto-Provisioning.',
  },
  oktaOidc: {
    name: 'Okta (OpenID Connect)',
    protocol: 'oidc',
    provider: 'okta',
    where: 'Applications › Create App Integration › OIDC › Web Application',
    how: 'Grant type: Authorization Code. Enter these values, then assign the people who are to sign in.',
    metadata: 'General › Client Credentials; the issuer is https:// and your Okta domain',
    attributes:
      'The scopes email and profile bring address and name. Groups: Sign On › Groups claim: groups.',
  },
  entraOidc: {
    name: 'Microsoft Entra ID (OpenID Connect)',
    protocol: 'oidc',
    provider: 'entra',
    where: 'App registrations › New registration › Redirect URI: Web',
    how: 'Choose “Accounts in this organizational directory only”, enter these values, then add a client secret under Certificates & secrets.',
    metadata:
      'Overview: Application (client) ID; the issuer is https://login.microsoftonline.com/{Directory (tenant) ID}/v2.0',
    attributes: 'Token configuration: add the optional claims email and auth_time, and a groups claim.',
  },
  googleOidc: {
    name: 'Google (OpenID Connect)',
    protocol: 'oidc',
    provider: 'google',
    where: 'Google Cloud › APIs & Services › Credentials › Create OAuth client ID › Web application',
    how: 'Enter these values. Under OAuth consent screen choose Internal.',
    metadata: 'The client ID and secret of the dialog; the issuer is https://accounts.google.com',
    attributes: 'The scopes email and profile bring address and name. Google sends no groups.',
  },
  oidc: {
    name: 'Another provider (OpenID Connect)',
    protocol: 'oidc',
    provider: 'generic',
    where: 'The provider’s client for OpenID Connect: authorization code, confidential',
    how: 'Enter these values.',
    metadata: 'The issuer, as /.well-known/openid-configuration has it, the client ID and its secret',
    attributes: 'email, name and groups; other names are set under Auto-Provisioning.',
  },
} as const satisfies Readonly<Record<string, SsoGuide>>;

export type SsoGuideKey = keyof typeof SSO_GUIDES;

/** @returns what fits a connection best: its provider and protocol; OneLogin by the connection's name */
export function guideOf({ provider, protocol, name }: SsoConnection): SsoGuide {
  if (provider === 'generic' && protocol === 'saml' && /\bonelogin\b/i.test(name)) return SSO_GUIDES.onelogin;
  const guides: readonly SsoGuide[] = Object.values(SSO_GUIDES).filter(
    (each) => each.name !== SSO_GUIDES.onelogin.name,
  );
  return (
    guides.find((guide) => guide.provider === provider && guide.protocol === protocol) ??
    SSO_GUIDES[protocol === 'saml' ? 'saml' : 'oidc']
  );
}

/** @returns what is entered at the provider, under its own labels; what it does not ask for is left away */
export function valuesFor(connection: SsoConnection, guide: SsoGuide): NamedValue[] {
  const { settings, serviceProvider, provider } = connection;
  const own = serviceProvider.flatMap(({ name, value, labels }) => {
    // The address of keys matters to a client without a secret only.
    if (name === 'jwksUri' && !isSaml(settings) && settings.clientAuth !== 'private_key_jwt') return [];
    const label = guide.labels === undefined ? labels[provider] : (guide.labels[name] ?? null);
    return label === null ? [] : [{ label, value }];
  });
  return [...own, ...(guide.also ?? [])];
}
