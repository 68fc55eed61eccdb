import type { NamedValue } from '../../components/copy.tsx';

export type ProviderKey = 'okta' | 'entra' | 'google' | 'onelogin' | 'other';

/** What one does at an identity provider, in its own words. */
export interface ProviderGuide {
  readonly name: string;
  readonly create: { readonly where: string; readonly how: string };
  readonly address: { readonly where: string; readonly values: (baseUrl: string) => readonly NamedValue[] };
  /** What the provider calls the token. */
  readonly token: string;
  /** The provider's button that tries the connection, and what to switch on afterwards. */
  readonly test: { readonly button: string; readonly afterwards: string };
  readonly assign: string;
  readonly groups: string;
  /** The page of docs/ that says the same at length. */
  readonly page: string;
}

/** The set-up at each provider (docs/okta.md, docs/entra-id.md, docs/other-directories.md). */
export const PROVIDERS: Readonly<Record<ProviderKey, ProviderGuide>> = {
  okta: {
    name: 'Okta',
    create: {
      where: 'Applications › Create App Integration',
      how: 'Choose SAML 2.0 or SWA. On the new app’s General tab, set App Settings › Provisioning to SCIM and save: this adds the Provisioning tab.',
    },
    address: {
      where: 'Provisioning › Integration › Edit',
      values: (baseUrl) => [
        { label: 'SCIM connector base URL', value: baseUrl },
        { label: 'Unique identifier field for users', value: 'userName' },
        { label: 'Authentication Mode', value: 'HTTP Header' },
      ],
    },
    token: 'API Token, or Authorization: Bearer',
    test: {
      button: 'Test Connector Configuration” or “Test API Credentials',
      afterwards:
        'Save. Then Provisioning › To App › Edit: tick Create Users, Update User Attributes and Deactivate Users.',
    },
    assign: 'Assignments › Assign › Assign to People: one person, who appears here within seconds.',
    groups:
      'Push Groups: choose the groups that you want here, and assign their members to the app, too. Okta pushes only members who are assigned.',
    page: 'docs/okta.md',
  },
  entra: {
    name: 'Microsoft Entra ID',
    create: {
      where: 'Enterprise applications › New application › Create your own application',
      how: 'Choose “Integrate any other application you don’t find in the gallery (Non-gallery)”.',
    },
    address: {
      where: 'Provisioning › Connect your application',
      values: (baseUrl) => [{ label: 'Tenant URL', value: `${baseUrl}/?aadOptscim062020` }],
    },
    token: 'Secret Token',
    test: {
      button: 'Test Connection',
      afterwards:
        'Save. Then Attribute mapping › Provision Microsoft Entra ID Users: map objectId to externalId in place of mailNickname.',
    },
    assign: 'Users and groups: assign one person and one group, then Provision on demand.',
    groups: 'Start provisioning. A cycle runs about every 40 minutes, with the members of assigned groups.',
    page: 'docs/entra-id.md',
  },
  google: {
    name: 'Google Workspace',
    create: {
      where: 'Apps › Web and mobile apps › Add app › Add custom SAML app',
      how: 'Finish the app first: automatic provisioning is part of it.',
    },
    address: {
      where: 'Autoprovisioning › Configure autoprovisioning',
      values: (baseUrl) => [{ label: 'Endpoint URL', value: baseUrl }],
    },
    token: 'Access token',
    test: {
      button: 'Continue',
      afterwards: 'Keep the mapping of userName, name and emails, and turn autoprovisioning on.',
    },
    assign: 'User access: turn the app on for one person or one organizational unit.',
    groups:
      'Google pushes users only, never groups: let single sign-on bring them (Auto-Provisioning), or make them here.',
    page: 'docs/other-directories.md',
  },
  onelogin: {
    name: 'OneLogin',
    create: {
      where: 'Applications › Add App',
      how: 'Choose “SCIM Provisioner with SAML (SCIM v2 Enterprise)”.',
    },
    address: {
      where: 'Configuration › API Connection',
      values: (baseUrl) => [{ label: 'SCIM Base URL', value: baseUrl }],
    },
    token: 'SCIM Bearer Token',
    test: {
      button: 'Enable',
      afterwards:
        'In the SCIM JSON template keep userName and emails. Then Provisioning: tick Enable provisioning, and Create user, Delete user and Update user as you wish.',
    },
    assign: 'Users › Applications: add the app to one person, and approve the pending change.',
    groups: 'Parameters › Groups: tick Include in User Provisioning, and write a rule that sets the groups.',
    page: 'docs/other-directories.md',
  },
  other: {
    name: 'Another provider',
    create: {
      where: 'The provider’s application for SCIM 2.0',
      how: 'JumpCloud, PingOne, Rippling, SailPoint, authentik and others need nothing but the address and the token.',
    },
    address: {
      where: 'Base URL or tenant URL',
      values: (baseUrl) => [{ label: 'SCIM base URL', value: baseUrl }],
    },
    token: 'Bearer token',
    test: { button: 'Test', afterwards: 'Turn on creating, updating and deactivating users.' },
    assign: 'Assign one person to the application.',
    groups: 'Turn on the groups that you want here, where the provider pushes groups.',
    page: 'docs/other-directories.md',
  },
};

const NAMED: readonly (readonly [ProviderKey, RegExp])[] = [
  ['okta', /\bokta\b/i],
  ['entra', /\b(entra|azure|microsoft)\b/i],
  ['google', /\bgoogle\b/i],
  ['onelogin', /\bonelogin\b/i],
];

/** @returns the provider that the address names, else the one in the name of the connection */
export function providerOf(chosen: string | undefined, connectionName: string): ProviderKey {
  if (chosen !== undefined && Object.hasOwn(PROVIDERS, chosen)) return chosen as ProviderKey;
  return NAMED.find(([, pattern]) => pattern.test(connectionName))?.[0] ?? 'other';
}
