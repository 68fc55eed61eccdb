import type { Prepared } from './prepare.ts';

export interface SummaryFacts {
  readonly prepared: Prepared;
  readonly publicUrl: string;
  /** Where mails go: undefined for an SMTP server, else the folder. */
  readonly mailFolder: string | undefined;
}

/** What a person needs to read after a start, and nothing else. Made-up secrets are here and nowhere after. */
export function startSummary({ prepared, publicUrl, mailFolder }: SummaryFacts): string {
  const { made, embedded, empty, migrations } = prepared;
  const rows: [string, string][] = [
    ['SCIM base URL', `${publicUrl}/scim/v2`],
    ['Sign in', `${publicUrl}/sign-in`],
    ['API', `${publicUrl}/api/v1/docs`],
    ['Health', `${publicUrl}/readyz`],
    ['Data', embedded?.dataDir ?? 'your Postgres (DATABASE_URL)'],
    [
      'Mail',
      mailFolder === undefined
        ? 'your SMTP server (SMTP_URL)'
        : `files in ${mailFolder}, until SMTP_URL is set`,
    ],
  ];
  if (migrations.length > 0) rows.push(['Migrations', `${migrations.length} applied`]);
  if (made !== undefined) {
    rows.push(['Organization', made.name], ['Owner', made.ownerEmail]);
    rows.push(['Owner password', made.madeUpPassword ?? 'as given in BOOTSTRAP_OWNER_PASSWORD']);
    rows.push(['SCIM token', made.madeUpToken ?? 'as given in BOOTSTRAP_SCIM_TOKEN']);
  }
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = [
    '',
    '  Rollcall is running.',
    '',
    ...rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`),
  ];
  if (made?.madeUpToken !== undefined || made?.madeUpPassword !== undefined) {
    lines.push('', '  Secrets are shown this once and kept only as hashes: copy them now.');
  }
  for (const sentence of embedded?.placement ?? []) lines.push('', `  ${sentence}`);
  lines.push('', ...nextStep(empty, made?.madeUpToken, publicUrl), '');
  return lines.join('\n');
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
