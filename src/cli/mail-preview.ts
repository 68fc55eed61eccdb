import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Mail } from '../directory/mails.ts';
import { renderMail } from '../reactions/mail/letter.ts';
import { type Command, parseOptions, print } from './command.ts';

const help = `Usage: rollcall mail-preview [--folder <folder>]

Writes every mail that Rollcall sends, with made-up values, as HTML and as text: open them in a browser.

Options:
  --folder <folder>  where they go (mail-preview)
  -h, --help         print this
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
];

export const mailPreviewCommand: Command = {
  summary: 'write every mail with made-up values, to look at',
  help,
  run: async (args) => {
    const { folder } = parseOptions(args, { folder: { type: 'string', default: 'mail-preview' } } as const);
    const target = resolve(folder);
    await mkdir(target, { recursive: true });
    for (const mail of samples) {
      const { subject, text, html } = renderMail(mail);
      await writeFile(join(target, `${mail.template}.html`), html);
      await writeFile(join(target, `${mail.template}.txt`), `Subject: ${subject}\n\n${text}\n`);
    }
    print(`${samples.length} mails are in ${target}.`);
    return 0;
  },
};
