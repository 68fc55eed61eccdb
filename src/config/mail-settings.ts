import { join } from 'node:path';
import type { MailerOptions } from '../platform/mailer.ts';
import type { Config } from './config.ts';

/** Where mails go and who sends them, as the operator has it: without an SMTP server into `DATA_DIR/outbox`. */
export function mailSettings({ smtpUrl, mailFrom, dataDir, publicUrl }: Config): MailerOptions {
  const host = publicUrl === undefined ? 'localhost' : new URL(publicUrl).hostname;
  return { smtpUrl, folder: join(dataDir, 'outbox'), from: mailFrom ?? `Rollcall <no-reply@${host}>` };
}
