import type { Prepared } from './prepare-database.ts';

export interface SummaryFacts {
  readonly prepared: Prepared;
  readonly publicUrl: string;
  /** Where this process itself listens. */
  readonly ownUrl: string;
  readonly role: 'all' | 'web' | 'worker';
  /** Where mails go: undefined for an SMTP server, else the folder. */
  readonly mailFolder: string | undefined;
  /** What a command in another terminal needs to have in its environment: lines to paste. */
  readonly environment: readonly string[];
}

/**
 * The organization that was created, printed before anything can go wrong with the start: generated secrets are shown
 * here and never again.
 * @returns undefined if none was
 */
export function creationSummary({ made }: Prepared): string | undefined {
  if (made === undefined) return undefined;
  const lines = alignRows([
    ['Organization', made.name],
    ['Owner', made.ownerName === undefined ? made.ownerEmail : `${made.ownerName} <${made.ownerEmail}>`],
    ['Owner password', made.madeUpPassword ?? 'as given in BOOTSTRAP_OWNER_PASSWORD'],
    ['SCIM token', made.madeUpToken ?? 'as given in BOOTSTRAP_SCIM_TOKEN'],
  ]);
  if (made.madeUpToken !== undefined || made.madeUpPassword !== undefined) {
    lines.push('', '  Secrets are shown once and stored only as hashes: copy them now.');
  }
  return ['', '  The first organization has been created.', '', ...lines, ''].join('\n');
}

/** What a user needs to read once the server runs, and nothing else. */
export function startSummary(facts: SummaryFacts): string {
  const { prepared, publicUrl, ownUrl, role, mailFolder } = facts;
  const { embedded, migrations } = prepared;
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
  if (role !== 'worker') lines.push('', ...nextSteps(facts));
  return [...lines, ''].join('\n');
}

function serverAddresses(publicUrl: string): [string, string][] {
  return [
    ['SCIM base URL', `${publicUrl}/scim/v2`],
    ['Console', publicUrl],
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

/** What to try next, with commands that work as they are. */
function nextSteps({ prepared, publicUrl, environment }: SummaryFacts): string[] {
  const { empty, made, embedded } = prepared;
  const exports = environment.map((line) => `    ${line}`);
  if (empty) {
    return [
      '  This database has no organization yet. Next, create one with its owner and its SCIM connection:',
      ...exports,
      '    npx rollcall init --org "Acme" --owner-email owner@acme.example',
    ];
  }
  if (made === undefined && embedded === undefined) return ['  Commands: npx rollcall --help'];
  return [
    '  Next, in another terminal, in this folder:',
    ...exports,
    ...alignRows([
      ['Open the console', `${publicUrl}, as the owner: it leads through the first steps`],
      ['Connect Okta', 'npx rollcall connection create "Okta" --for okta'],
      ['Connect Entra ID', 'npx rollcall connection create "Entra ID" --for entra'],
      ['Invite a colleague', 'npx rollcall invite jane@acme.example'],
      ['Sign in by SSO', `docs/sso.md, and ${publicUrl}/api/v1/docs#/Single%20sign-on`],
      ['Watch it work', 'npm run demo'],
      ['See each request', 'npx rollcall scim-log --follow'],
      ['Everything else', 'npx rollcall --help'],
    ]).map((line) => `  ${line}`),
  ];
}
