import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { renderMail } from '../notifications/mail-template.ts';
import type { Mail } from '../notifications/mails.ts';
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
    template: 'review',
    notice: 'opened',
    title: 'Q4 2026, all users',
    undecided: 12,
    dueAt: expiresAt,
  },
];

export const mailPreviewCommand: Command = {
  summary: 'write every mail with sample values, to look at',
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
      const { subject, text, html } = renderMail(mail);
      await writeFile(join(target, `${mail.template}.html`), html);
      await writeFile(join(target, `${mail.template}.txt`), `Subject: ${subject}\n\n${text}\n`);
    }
    const mails = samples.map(({ template }) => template);
    createOutput(json).finish({ folder: target, mails }, () => `${mails.length} mails are in ${target}.`);
    return 0;
  },
};
