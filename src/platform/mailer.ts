import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';

/** A mail, ready to be sent. */
export interface Letter {
  /** Names the mail for good: a second sending has the same Message-ID, so that a mailbox can tell. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailer {
  /** @throws Error if the server does not take it */
  send(letter: Letter): Promise<void>;
  close(): void;
}

export interface MailerOptions {
  /** `smtp://` or `smtps://`; undefined writes files. */
  readonly smtpUrl: string | undefined;
  /** Where the files go. */
  readonly folder: string;
  /** The sender: `Name <address>` or an address. */
  readonly from: string;
}

const TIMEOUT_MS = 20_000;

/** Builds what sends mails: an SMTP server, or files in a folder for a server that has none. */
export function createMailer({ smtpUrl, folder, from }: MailerOptions): Mailer {
  const domain = /@([^>\s]+)/.exec(from)?.[1] ?? 'localhost';
  const compose = ({ id, to, subject, text, html }: Letter) => ({
    from,
    // An object: an address is never parsed as a list of several.
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId: `<${id}@${domain}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
  });

  if (smtpUrl !== undefined) {
    const transport = createTransport(smtpUrl, undefined);
    Object.assign(transport.options, {
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return {
      send: async (letter) => {
        await transport.sendMail(compose(letter));
      },
      close: () => transport.close(),
    };
  }
  const transport = createTransport({ streamTransport: true, buffer: true });
  return {
    send: async (letter) => {
      const { message } = await transport.sendMail(compose(letter));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, `${letter.id}.eml`);
      await writeFile(`${file}.part`, message as Buffer, { mode: 0o600 });
      await rename(`${file}.part`, file);
    },
    close: () => transport.close(),
  };
}
