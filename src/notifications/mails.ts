import type { OrgId } from '../directory/ids.ts';
import { insertJob } from '../jobs/store/insert.ts';
import type { Executor } from '../platform/db/statement.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import type { DigestSection } from './rules/digest.ts';
import type { Topic } from './topics.ts';

/** A mail to send: its content, not its appearance. */
export type Mail = { readonly to: string; readonly organization: string } & MailContent;

/** What a mail says, by template. Times are ISO 8601. */
export type MailContent =
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
      readonly id: string;
      readonly title: string;
      /** Items that wait for the recipient; of `escalated` and `reassigned` those of the whole review. */
      readonly undecided: number;
      readonly dueAt: string;
    }
  | {
      readonly template: 'elevation_requested';
      readonly id: string;
      readonly requester: string;
      readonly role: string;
      readonly minutes: number;
      readonly justification: string;
    }
  | {
      readonly template: 'own_sign_in';
      readonly notice: 'locked' | 'new_network';
      readonly at: string;
      /** What is new about the sign-in, in words. */
      readonly why?: string;
    }
  | { readonly template: 'elevation_rejected'; readonly role: string; readonly reason: string | undefined }
  /** One topic; `path` leads to what its only line is about. */
  | ({ readonly template: 'notices'; readonly path?: string } & DigestSection)
  /** What is told once a day. */
  | { readonly template: 'digest'; readonly sections: readonly DigestSection[] }
  | {
      readonly template: 'seal';
      /** The number of the seal. */
      readonly n: number;
      /** In hexadecimal. */
      readonly digest: string;
      readonly sealedAt: string;
    };

/** Who is told of what: checked again when the mail is sent. */
export interface MailRecipient {
  readonly user: string;
  readonly topic: Topic | 'digest';
}

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
 * @param about the invitation that the mail is about, which then records when the mail was sent; or who is told, who gets no
 *   mail if their rights do not reach the topic any more
 */
export async function sendMail(
  tx: Executor,
  seal: SecretBox,
  org: OrgId,
  id: string,
  mail: Mail,
  about: { readonly invitation?: string; readonly recipient?: MailRecipient } = {},
): Promise<void> {
  const sealed = seal.seal(JSON.stringify(mail), MAIL_PURPOSE);
  const kind = URGENT.has(mail.template) ? URGENT_MAIL_JOB : MAIL_JOB;
  await insertJob(tx, { id, org, kind, payload: { id, org, sealed, ...about } });
}

/** Opens a mail that `sendMail` sealed, also of the version before. @throws Error if the secret key is another now */
export function openMail(seal: SecretBox, sealed: string): Mail {
  const mail = JSON.parse(seal.open(sealed, MAIL_PURPOSE)) as Mail | AlertsMail;
  if (mail.template !== 'alerts') return mail;
  const { to, organization, alerts } = mail;
  return { to, organization, template: 'notices', topic: 'alert', lines: alerts, more: 0 };
}

/** A mail as the version before topics wrote it, which may wait for three days. */
interface AlertsMail {
  readonly template: 'alerts';
  readonly to: string;
  readonly organization: string;
  readonly alerts: readonly string[];
}

/** Where links lead, those of mails above all. */
export interface Links {
  invitation(token: string): string;
  passwordReset(token: string): string;
  identityConfirmation(token: string): string;
  emailChange(token: string): string;
  exportDownload(token: string): string;
  /** A page of the console; undefined for no path. @param path such as `/reviews/{id}` */
  page(path: string): string | undefined;
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
    page: (path) => (path === '' ? undefined : `${publicUrl}${path}`),
    stepUp: (connection, returnTo) => {
      const query = new URLSearchParams({ purpose: 'step_up', ...(returnTo && { return_to: returnTo }) });
      return `${publicUrl}/sso/${connection}/start?${query}`;
    },
  };
}
