import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { renderMail } from '../notifications/mail-template.ts';
import type { Mail } from '../notifications/mails.ts';
import { groupByTopic } from '../notifications/rules/digest.ts';
import { TOPICS, type Topic } from '../notifications/topics.ts';
import { type Command, parseOptions } from './command.ts';
import { explainFile, WRITE_PROBLEMS } from './files.ts';
import { createOutput, jsonOption } from './output.ts';

const help = `Usage: rollcall mail-preview [--folder <folder>] [--json]

Writes every mail that Rollcall sends, with sample values, as HTML and as text, for you to open in a browser.

Options:
  --folder <folder>  where to write them (default: mail-preview)
  --json             print {"folder", "mails"} instead
  -h, --help         print this help
`;

const shared = { to: 'jane.doe@acme.example', organization: 'Acme' } as const;
const expiresAt = '2026-12-01T09:30:00.000Z';

const ID = '0190aaaa-0000-7000-8000-000000000001';
const LINES: Readonly<Partial<Record<Topic, string>>> = {
  locked_out: 'HIGH: Jane Doe. 5 wrong passwords in a row locked the account.',
  new_location:
    'LOW: Jane Doe. A sign-in came from the network 192.0.2.0/24 with a known device (Firefox on Linux).',
  mass_change:
    'HIGH: Acme Okta deactivated or deleted 11 users within 60 minutes, 28 % of those it provisions. Nothing is lost: one undo restores them with roles and groups.',
  urgent_alert: 'HIGH: Acme. 11 sign-ins of 5 users failed from 203.0.113.200.',
  alert: 'MEDIUM: Jane Doe. The user created an API key.',
  expiring: 'MEDIUM: Acme Okta. The SCIM token ending in 4f2a expires on 2026-12-10.',
  dead_job: '2 jobs of the kind send_mail failed for good, the last on 29 November 2026 at 09:30 UTC.',
};

const samples: readonly Mail[] = [
  {
    ...shared,
    template: 'invitation',
    inviter: 'Ada Admin',
    link: `https://rollcall.acme.example/invite/token_${'0123456789abcdef'.repeat(4)}`,
    expiresAt,
  },
  {
    ...shared,
    template: 'password_reset',
    link: 'https://rollcall.acme.example/reset-password#reset_made-up',
    expiresAt,
  },
  { ...shared, template: 'password_changed' },
  {
    ...shared,
    template: 'email_change',
    link: `https://rollcall.acme.example/confirm-email/token_${'0123456789abcdef'.repeat(4)}`,
    expiresAt,
  },
  { ...shared, template: 'email_changed', newEmail: 'jane.miller@acme.example' },
  {
    ...shared,
    template: 'identity_confirmation',
    connection: 'Acme Okta',
    link: `https://rollcall.acme.example/sso/confirm/token_${'0123456789abcdef'.repeat(4)}`,
    expiresAt,
  },
  {
    ...shared,
    template: 'account_changed',
    by: 'Ada Admin',
    changes: ['Role: readonly → train', 'Added to Support Team'],
  },
  { ...shared, template: 'elevation_granted', role: 'admin', by: 'Ada Admin', expiresAt },
  { ...shared, template: 'elevation_ended', role: 'admin' },
  { ...shared, template: 'seal', n: 412, digest: '0123456789abcdef'.repeat(4), sealedAt: expiresAt },
  {
    ...shared,
    template: 'elevation_requested',
    id: ID,
    requester: 'Jane Doe',
    role: 'admin',
    minutes: 120,
    justification: 'The incident of tonight needs a change of the sign-in settings.',
  },
  { ...shared, template: 'elevation_rejected', role: 'admin', reason: 'The incident is over.' },
  { ...shared, template: 'own_sign_in', notice: 'locked', at: expiresAt },
  {
    ...shared,
    template: 'own_sign_in',
    notice: 'new_network',
    at: expiresAt,
    why: 'A sign-in came from the network 192.0.2.0/24 with a known device (Firefox on Linux).',
  },
  ...(['opened', 'reminder', 'due_in_1', 'overdue', 'escalated', 'reassigned'] as const).map(
    (notice): Mail => ({
      ...shared,
      template: 'review',
      notice,
      id: ID,
      title: 'Q4 2026, all users',
      undecided: 12,
      dueAt: expiresAt,
    }),
  ),
  ...TOPICS.flatMap((topic): Mail[] => {
    const line = LINES[topic];
    if (line === undefined) return [];
    return [{ ...shared, template: 'notices', topic, lines: [line], more: 0, path: `/alerts/${ID}` }];
  }),
  {
    ...shared,
    template: 'digest',
    sections: groupByTopic(
      Object.entries(LINES).map(([topic, line]) => ({ topic: topic as Topic, line: line as string })),
    ),
  },
];

/** What distinguishes mails of one template. */
function nameOf(mail: Mail): string {
  if (mail.template === 'notices') return `notices-${mail.topic}`;
  return 'notice' in mail ? `${mail.template}-${mail.notice}` : mail.template;
}

export const mailPreviewCommand: Command = {
  help,
  example: 'rollcall mail-preview --folder /tmp/mails',
  failure: 'the folder cannot be written.',
  run: async (args) => {
    const options = { folder: { type: 'string', default: 'mail-preview' }, ...jsonOption } as const;
    const { folder, json } = parseOptions(args, options);
    const target = resolve(folder);
    await mkdir(target, { recursive: true }).catch((error: unknown) => {
      throw explainFile(error, `Cannot write ${target}`, WRITE_PROBLEMS);
    });
    for (const mail of samples) {
      const { subject, text, html } = renderMail(mail, { page: () => undefined });
      const name = nameOf(mail);
      await writeFile(join(target, `${name}.html`), html);
      await writeFile(join(target, `${name}.txt`), `Subject: ${subject}\n\n${text}\n`);
    }
    const mails = samples.map(nameOf);
    createOutput(json).finish({ folder: target, mails }, () => `${mails.length} mails are in ${target}.`);
    return 0;
  },
};
