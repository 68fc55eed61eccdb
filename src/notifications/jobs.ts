import { z } from 'zod';
import type { OrgId, UserId } from '../directory/ids.ts';
import { isDemonstration } from '../directory/organizations/store/demonstrations.ts';
import { findRights } from '../directory/roles/store.ts';
import { markInvitationSent } from '../invitations/store.ts';
import type { Database } from '../platform/db/database.ts';
import { timeOfUuidv7 } from '../platform/ids.ts';
import { attemptEach } from '../platform/jobs/attempt-each.ts';
import { defineJob, defineSchedule, type JobKind, PermanentFailure } from '../platform/jobs/job-kind.ts';
import { RETRIES_FOR_DAYS } from '../platform/jobs/retry-policy.ts';
import { type Mailer, MailRejected } from '../platform/mailer.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { renderMail } from './mail-template.ts';
import { type Links, MAIL_JOB, type Mail, type MailRecipient, openMail, URGENT_MAIL_JOB } from './mails.ts';
import type { NotificationSending } from './sending.ts';
import { isInAudience, TOPICS } from './topics.ts';

/** `org` is missing in jobs of older versions. */
const payload = z.object({
  id: z.string(),
  org: z.string().optional(),
  sealed: z.string(),
  invitation: z.string().optional(),
  recipient: z.object({ user: z.string(), topic: z.enum([...TOPICS, 'digest']) }).optional(),
});

export interface MailJobDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly seal: SecretBox;
  readonly mailer: Mailer;
  readonly links: Pick<Links, 'page'>;
}

/**
 * Declares the jobs that send the mails of the outbox, for three days while the mail server is away. Those of a
 * demonstration are not sent, and count as sent when they were written.
 */
export function mailJobs({ db, now, seal, mailer, links }: MailJobDependencies): JobKind[] {
  /** What of a mail its recipient is still told of: they may have lost their rights or their account meanwhile. */
  const stillTold = async (
    mail: Mail,
    org: OrgId | undefined,
    recipient: MailRecipient | undefined,
  ): Promise<Mail | undefined> => {
    if (org === undefined || recipient === undefined) return mail;
    const rights = await findRights(db, org, recipient.user as UserId, now().toISOString());
    if (rights === undefined) return undefined;
    if (mail.template !== 'digest' || recipient.topic !== 'digest') {
      return recipient.topic !== 'digest' && isInAudience(recipient.topic, rights) ? mail : undefined;
    }
    const sections = mail.sections.filter(({ topic }) => isInAudience(topic, rights));
    return sections.length === 0 ? undefined : { ...mail, sections };
  };
  const declare = (name: string, concurrency: number) =>
    defineJob({
      name,
      payload,
      concurrency,
      retry: RETRIES_FOR_DAYS,
      handle: async ({ id, org, sealed, invitation, recipient }, { signal }) => {
        const mail = await stillTold(openMail(seal, sealed), org as OrgId | undefined, recipient);
        if (mail === undefined) return;
        const isShown = org !== undefined && (await isDemonstration(db, org as OrgId));
        try {
          if (!isShown) await mailer.send({ id, to: mail.to, ...renderMail(mail, links) }, signal);
        } catch (error) {
          if (!(error instanceof MailRejected)) throw error;
          throw new PermanentFailure(`The mail server rejected the mail: ${error.message}`, { cause: error });
        }
        if (org === undefined || invitation === undefined) return;
        const sentAt = isShown ? timeOfUuidv7(id) : now();
        await markInvitationSent(db, org as OrgId, invitation, id, sentAt.toISOString());
      },
    });
  return [declare(MAIL_JOB, 5), declare(URGENT_MAIL_JOB, 10)];
}

const EVERY_SECONDS = 60;

/** Declares the job that sends what is not sent with what it tells of: dead jobs, held mails, and digests. */
export function notificationJobs(sending: NotificationSending): JobKind[] {
  return [defineSchedule('send_notifications', EVERY_SECONDS, (signal) => sendAll(sending, signal))];
}

/** Does what `send_notifications` does. One part that fails stops none of the others. */
export async function sendAll(sending: NotificationSending, signal: AbortSignal): Promise<void> {
  await attemptEach(
    [sending.tellDeadJobs, sending.sendHeld, sending.sendDigests],
    (part) => part(signal),
    signal,
  );
}
