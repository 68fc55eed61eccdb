import type { Prepared } from './prepare.ts';

export interface SummaryFacts {
  readonly prepared: Prepared;
  readonly publicUrl: string;
  /** Where this process itself listens. */
  readonly ownUrl: string;
  readonly role: 'all' | 'web' | 'worker';
  /** Where mails go: undefined for an SMTP server, else the folder. */
  readonly mailFolder: string | undefined;
}

/**
 * What was made, told before anything can go wrong with the start: made-up secrets are here and nowhere after.
 * @returns undefined if nothing was
 */
export function madeSummary({ made }: Prepared): string | undefined {
  if (made === undefined) return undefined;
  const lines = alignRows([
    ['Organization', made.name],
    ['Owner', made.ownerName === undefined ? made.ownerEmail : `${made.ownerName} <${made.ownerEmail}>`],
    ['Owner password', made.madeUpPassword ?? 'as given in BOOTSTRAP_OWNER_PASSWORD'],
    ['SCIM token', made.madeUpToken ?? 'as given in BOOTSTRAP_SCIM_TOKEN'],
  ]);
  if (made.madeUpToken !== undefined || made.madeUpPassword !== undefined) {
    lines.push('', '  Secrets are shown this once and kept only as hashes: copy them now.');
  }
  return ['', '  The first organization is made.', '', ...lines, ''].join('\n');
}

/** What a person needs to read once the server runs, and nothing else. */
export function startSummary({ prepared, publicUrl, ownUrl, role, mailFolder }: SummaryFacts): string {
  const { made, embedded, empty, migrations } = prepared;
  const rows: [string, string][] = [
    ...(role === 'worker' ? workerAddresses(ownUrl) : serverAddresses(publicUrl)),
    ['Data', embedded?.dataDir ?? 'your Postgres (DATABASE_URL)'],
    [
      'Mail',
      mailFolder === undefined
        ? 'your SMTP server (SMTP_URL)'
        : `files in ${mailFolder}, until SMTP_URL is set`,
    ],
  ];
  if (migrations.length > 0) rows.push(['Migrations', `${migrations.length} applied`]);
  const lines = ['', '  Rollcall is running.', '', ...alignRows(rows)];
  for (const sentence of embedded?.placement ?? []) lines.push('', `  ${sentence}`);
  if (role !== 'worker') lines.push('', ...nextStep(empty, made?.madeUpToken, publicUrl));
  return [...lines, ''].join('\n');
}

function serverAddresses(publicUrl: string): [string, string][] {
  return [
    ['SCIM base URL', `${publicUrl}/scim/v2`],
    ['Sign in', `${publicUrl}/sign-in`],
    ['API', `${publicUrl}/api/v1/docs`],
    ['Health', `${publicUrl}/readyz`],
  ];
}

/** A worker serves nothing else, and PUBLIC_URL leads to other processes. */
function workerAddresses(ownUrl: string): [string, string][] {
  return [['Health', `${ownUrl}/readyz`]];
}

function alignRows(rows: readonly (readonly [label: string, text: string])[]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`);
}

function nextStep(empty: boolean, token: string | undefined, publicUrl: string): string[] {
  if (empty) {
    return [
      '  This database has no organization yet. Next, make one with its owner and its SCIM connection:',
      '    npx rollcall init --org "Acme" --owner-email owner@acme.example',
    ];
  }
  if (token === undefined) return ['  Next, in another terminal:  npm run demo'];
  return [
    '  Next, in another terminal, ask it for its users, or watch Okta and Entra ID provision some:',
    `    curl -H "Authorization: Bearer ${token}" ${publicUrl}/scim/v2/Users`,
    '    npm run demo',
  ];
}
