import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';

/** A mail, ready to be sent. */
export interface MailMessage {
  /** Names the mail for good: a second sending has the same Message-ID, so that a mailbox can tell. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailer {
  /**
   * @param signal breaks the connection off
   * @throws MailRejected if the server will never accept it; Error if it did not accept it now
   */
  send(mail: MailMessage, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** The server rejected the recipient or the message for good (RFC 5321 §4.2.1: a reply of the 5xx class). */
export class MailRejected extends Error {}

export interface MailerOptions {
  /** `smtp://` or `smtps://`; undefined writes files. */
  readonly smtpUrl: string | undefined;
  /** Where the files go. */
  readonly folder: string;
  /** The sender: `Name <address>` or an address. */
  readonly from: string;
  /** How long an SMTP server may be silent, in milliseconds; 20 seconds by default. */
  readonly silenceMs?: number;
}

const GREETING_TIMEOUT_MS = 10_000;
const SOCKET_TIMEOUT_MS = 20_000;
/** Replies that are about our credentials, which an operator can correct, and not about the mail. */
const AUTHENTICATION_REPLIES = new Set([530, 534, 535, 538]);
const VERIFY_TIMEOUTS = { greeting: 5_000, socket: 5_000 };

/** Builds what sends mails: an SMTP server, or files in a folder for a server that has none. */
export function createMailer({
  smtpUrl,
  folder,
  from,
  silenceMs = SOCKET_TIMEOUT_MS,
}: MailerOptions): Mailer {
  const domain = /@([^>\s]+)/.exec(from)?.[1] ?? 'localhost';
  const compose = ({ id, to, subject, text, html }: MailMessage) => ({
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
    const transport = createSmtpTransport(smtpUrl, {
      greeting: GREETING_TIMEOUT_MS,
      socket: silenceMs,
    });
    return {
      send: async (mail, signal) => {
        try {
          await transport.sendMail({ ...compose(mail), signal });
        } catch (error) {
          throw isRejected(error) ? new MailRejected((error as Error).message, { cause: error }) : error;
        }
      },
      close: () => transport.close(),
    };
  }
  const transport = createTransport({ streamTransport: true, buffer: true });
  return {
    send: async (mail) => {
      const { message } = await transport.sendMail(compose(mail));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, `${mail.id}.eml`);
      await writeFile(`${file}.part`, message as Buffer, { mode: 0o600 });
      await rename(`${file}.part`, file);
    },
    close: () => transport.close(),
  };
}

/** Only answers about the recipient or the message are permanent; a rejected sender is a wrong setting. */
function isRejected(error: unknown): boolean {
  const { responseCode = 0, command = '' } = error as { responseCode?: number; command?: string };
  const isAboutMail = command === 'RCPT TO' || command === 'DATA';
  return (
    isAboutMail && responseCode >= 500 && responseCode < 600 && !AUTHENTICATION_REPLIES.has(responseCode)
  );
}

/**
 * Connects to a mail server and signs in, and sends nothing.
 * @throws Error if the server does not answer, or rejects the sign-in
 */
export async function verifyMailServer(smtpUrl: string): Promise<void> {
  const transport = createSmtpTransport(smtpUrl, VERIFY_TIMEOUTS);
  try {
    await transport.verify();
  } finally {
    transport.close();
  }
}

function createSmtpTransport(
  smtpUrl: string,
  timeouts: { readonly greeting: number; readonly socket: number },
) {
  return createTransport({
    url: smtpUrl,
    connectionTimeout: timeouts.greeting,
    greetingTimeout: timeouts.greeting,
    socketTimeout: timeouts.socket,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
