import { UsageError } from '../command.ts';
import { alignRows } from '../text-table.ts';

/** The identity providers whose screens are spelled out. */
const PROVIDERS = {
  okta: {
    screen: 'Okta: Provisioning → Integration (docs/okta.md)',
    fields: (baseUrl: string): [string, string][] => [
      ['SCIM connector base URL', baseUrl],
      ['Unique identifier field for users', 'userName'],
      ['Authentication Mode', 'HTTP Header'],
      ['Authorization: Bearer', 'the token above'],
    ],
  },
  entra: {
    screen: 'Microsoft Entra ID: Provisioning → Connect your application (docs/entra-id.md)',
    fields: (baseUrl: string): [string, string][] => [
      ['Tenant URL', `${baseUrl}/?aadOptscim062020`],
      ['Secret Token', 'the token above'],
    ],
  },
} as const;

export type Provider = keyof typeof PROVIDERS;
const PROVIDER_NAMES = Object.keys(PROVIDERS) as Provider[];

/** @throws UsageError */
export function parseProvider(text: string | undefined): Provider | undefined {
  const provider = PROVIDER_NAMES.find((each) => each === text);
  if (text !== undefined && provider === undefined) {
    throw new UsageError(
      `--for must be ${PROVIDER_NAMES.join(' or ')}: leave it out for another provider (docs/other-directories.md).`,
    );
  }
  return provider;
}

/** Words in the name of a connection that identify its provider. */
const NAMED = { okta: /\bokta\b/i, entra: /\b(entra|azure|microsoft)\b/i } as const satisfies Record<
  Provider,
  RegExp
>;

/**
 * The provider that instructions are for: the given one, else the one in the connection's name.
 * @returns undefined if neither names one
 */
export function providerOf(given: Provider | undefined, connectionName: string): Provider | undefined {
  const named = PROVIDER_NAMES.filter((provider) => NAMED[provider].test(connectionName));
  return given ?? (named.length === 1 ? named[0] : undefined);
}

/** Returns what to paste where. @param provider undefined: for each of them */
export function describeSetup(baseUrl: string, provider: Provider | undefined): string[] {
  const shown = provider === undefined ? PROVIDER_NAMES : [provider];
  const lines = shown.flatMap((name) => {
    const { screen, fields } = PROVIDERS[name];
    return [screen, ...alignRows(fields(baseUrl).map(([label, value]) => [`  ${label}`, value])), ''];
  });
  if (provider === undefined) {
    lines.push(
      'Other providers: enter the base URL and the token as a bearer token (docs/other-directories.md).',
      '',
    );
  }
  if (!baseUrl.startsWith('https://')) {
    lines.push(
      'Identity providers in the cloud need a public https address: set PUBLIC_URL to it (docs/production.md).',
    );
  }
  return lines;
}

/** The address and a token that has just been issued, as rows of a table. */
export function describeAccess(baseUrl: string, token: string, expires: string): string[] {
  return [
    ...alignRows([
      ['  SCIM base URL', baseUrl],
      ['  Token', token],
      ['  Expires', expires],
    ]),
    '',
    'The token is shown once and stored only as a hash: copy it now.',
    '',
  ];
}
