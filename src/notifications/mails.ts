import type { OrgId } from '../directory/ids.ts';
import { insertJob } from '../jobs/store/insert.ts';
import type { Executor } from '../platform/db/statement.ts';
import type { SecretBox } from '../platform/secret-box.ts';

/** A mail to send: its content, not its appearance. Times are ISO 8601. */
export type Mail = { readonly to: string; readonly organization: string } & (
  | {
      readonly template: 'invitation';
      readonly inviter: string;
      readonly link: string;
      readonly expiresAt: string;
    }
  | { readonly template: 'password_reset'; readonly link: string; readonly expiresAt: string }
  | { readonly template: 'password_changed' }
  | { readonly template: 'email_change'; readonly link: string; readonly expiresAt: string }
  | { readonly template: 'email_changed'; readonly newEmail: string }
  | {
      readonly template: 'identity_confirmation';
      readonly connection: string;
      readonly link: string;
      readonly expiresAt: string;
    }
  | { readonly template: 'account_changed'; readonly by: string; readonly changes: readonly string[] }
  | {
      readonly template: 'elevation_granted';
      readonly role: string;
      readonly by: string;
      readonly expiresAt: string;
    }
  | { readonly template: 'elevation_ended'; readonly role: string }
  | {
      readonly template: 'review';
      readonly notice:
        | 'opened'
        | 'due_in_7'
        | 'due_in_1'
        | 'overdue'
        | 'reminder'
        | 'escalated'
        | 'reassigned';
      readonly title: string;
      /** Items that wait for the recipient; of `escalated` and `reassigned` those of the whole review. */
      readonly undecided: number;
      readonly dueAt: string;
    }
  | {
      readonly template: 'seal';
      /** The number of the seal. */
      readonly n: number;
      /** In hexadecimal. */
      readonly digest: string;
      readonly sealedAt: string;
    }
  /** Each a sentence. */
  | { readonly template: 'alerts'; readonly alerts: readonly string[] }
);

/** What a sealed mail is for; part of its seal. */
export const MAIL_PURPOSE = 'mail';
export const MAIL_JOB = 'send_mail';
/** For mails that a user waits for in front of the screen: no backlog of others is ahead of them. */
export const URGENT_MAIL_JOB = 'send_urgent_mail';

const URGENT: ReadonlySet<Mail['template']> = new Set([
  'password_reset',
  'identity_confirmation',
  'email_change',
]);

/**
 * Puts a mail into the outbox, in the transaction of the change that causes it. It may contain a link that
 * opens an account, so the row is encrypted.
 * @param id a UUIDv7, of the mail and its job
 * @param invitation the invitation that the mail is about, which then records when the mail was sent
 */
export async function sendMail(
  tx: Executor,
  seal: SecretBox,
  org: OrgId,
  id: string,
  mail: Mail,
  invitation?: string,
): Promise<void> {
  const sealed = seal.seal(JSON.stringify(mail), MAIL_PURPOSE);
  const kind = URGENT.has(mail.template) ? URGENT_MAIL_JOB : MAIL_JOB;
  await insertJob(tx, { id, org, kind, payload: { id, org, sealed, ...(invitation && { invitation }) } });
}

/** Opens a mail that `sendMail` sealed. @throws Error if the secret key is another now */
export function openMail(seal: SecretBox, sealed: string): Mail {
  return JSON.parse(seal.open(sealed, MAIL_PURPOSE)) as Mail;
}

/** Where links lead, those of mails above all. */
export interface Links {
  invitation(token: string): string;
  passwordReset(token: string): string;
  identityConfirmation(token: string): string;
  emailChange(token: string): string;
  exportDownload(token: string): string;
  /** Where a user proves again at their provider who they are. @param returnTo a path of ours */
  stepUp(connection: string, returnTo: string | undefined): string;
}

/** @param publicUrl without a slash at its end */
export function linksOf(publicUrl: string): Links {
  return {
    invitation: (token) => `${publicUrl}/invite/${token}`,
    // Behind a #: a browser sends it to no one, so it is in no log and no Referer.
    passwordReset: (token) => `${publicUrl}/reset-password#${token}`,
    emailChange: (token) => `${publicUrl}/confirm-email/${token}`,
    identityConfirmation: (token) => `${publicUrl}/sso/confirm/${token}`,
    exportDownload: (token) => `${publicUrl}/api/v1/exports/download/${token}`,
    stepUp: (connection, returnTo) => {
      const query = new URLSearchParams({ purpose: 'step_up', ...(returnTo && { return_to: returnTo }) });
      return `${publicUrl}/sso/${connection}/start?${query}`;
    },
  };
}
