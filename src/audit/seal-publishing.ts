import type { CommandRunner } from '../directory/command-runner.ts';
import type { OrgId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { sendMail } from '../notifications/mails.ts';
import type { Database } from '../platform/db/database.ts';
import { attemptEach } from '../platform/jobs/attempt-each.ts';
import { defineSchedule, type JobKind } from '../platform/jobs/job-kind.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { findOrganizationsToPublish, insertPublication } from './store/seal-publications.ts';
import { findLastSeal } from './store/seals.ts';

/** Each organization is due once a day (UTC); what was missed while no worker ran is made up for within an hour. */
const EVERY_SECONDS = 3_600;

export interface PublishingDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
}

/**
 * Builds what sends each organization's newest seal to where the owner of the database cannot change it, once a day: to
 * the addresses of `sealRecipients`, and as `audit.seal_published` to webhooks that subscribe to it.
 */
export function createSealPublishing({
  db,
  now,
  runner,
  seal,
}: PublishingDependencies): (signal: AbortSignal) => Promise<void> {
  const publish = (org: OrgId): Promise<void> =>
    runner.withOrganization(
      org,
      { actor: { type: 'system', id: 'worker', via: 'schedule' }, requestId: 'seals' },
      async ({ tx, at, newId, recordEvent }) => {
        const newest = await findLastSeal(tx, org);
        if (newest === undefined || !(await insertPublication(tx, org, at.slice(0, 10), newest, at))) return;
        const { organization, settings } = await findSettings(tx, org);
        const digest = newest.digest.toString('hex');
        for (const to of settings.sealRecipients) {
          await sendMail(tx, seal, org, newId(), {
            template: 'seal',
            to,
            organization,
            n: newest.n,
            digest,
            sealedAt: newest.sealedAt,
          });
        }
        recordEvent({
          action: 'audit.seal_published',
          target: ['organization', org],
          changes: { values: { seal: [null, newest.n], digest: [null, digest] } },
        });
      },
    );
  return async (signal) => {
    const day = now().toISOString().slice(0, 10);
    await attemptEach(await findOrganizationsToPublish(db, day), publish, signal);
  };
}

/** Declares the job that publishes seals. */
export function publishingJob(publishSeals: (signal: AbortSignal) => Promise<void>): JobKind {
  return defineSchedule('publish_seals', EVERY_SECONDS, publishSeals);
}
