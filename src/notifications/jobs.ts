import { z } from 'zod';
import type { OrgId } from '../directory/ids.ts';
import { markInvitationSent } from '../invitations/store.ts';
import type { Database } from '../platform/db/database.ts';
import { defineJob, type JobKind, PermanentFailure } from '../platform/jobs/job-kind.ts';
import { RETRIES_FOR_DAYS } from '../platform/jobs/retry-policy.ts';
import { type Mailer, MailRejected } from '../platform/mailer.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { renderMail } from './mail-template.ts';
import { MAIL_JOB, openMail, URGENT_MAIL_JOB } from './mails.ts';

/** `org` is missing in jobs of older versions. */
const payload = z.object({
  id: z.string(),
  org: z.string().optional(),
  sealed: z.string(),
  invitation: z.string().optional(),
});

export interface MailJobDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly seal: SecretBox;
  readonly mailer: Mailer;
}

/** Declares the jobs that send the mails of the outbox, for three days while the mail server is away. */
export function mailJobs({ db, now, seal, mailer }: MailJobDependencies): JobKind[] {
  const declare = (name: string, concurrency: number) =>
    defineJob({
      name,
      payload,
      concurrency,
      retry: RETRIES_FOR_DAYS,
      handle: async ({ id, org, sealed, invitation }, { signal }) => {
        const mail = openMail(seal, sealed);
        try {
          await mailer.send({ id, to: mail.to, ...renderMail(mail) }, signal);
        } catch (error) {
          if (!(error instanceof MailRejected)) throw error;
          throw new PermanentFailure(`The mail server rejected the mail: ${error.message}`, { cause: error });
        }
        if (org === undefined || invitation === undefined) return;
        await markInvitationSent(db, org as OrgId, invitation, id, now().toISOString());
      },
    });
  return [declare(MAIL_JOB, 5), declare(URGENT_MAIL_JOB, 10)];
}
