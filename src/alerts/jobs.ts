import { z } from 'zod';
import type { OrgId } from '../directory/ids.ts';
import { findOrganizationName } from '../directory/organizations/store/organizations.ts';
import { sendMail } from '../notifications/mails.ts';
import type { Database } from '../platform/db/database.ts';
import { uuidv7 } from '../platform/ids.ts';
import { attemptEach } from '../platform/jobs/attempt-each.ts';
import { defineJob, type JobKind } from '../platform/jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../platform/jobs/retry-policy.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import type { Detection } from './detection.ts';
import { SEVERITIES, type Severity } from './rules/alert.ts';
import {
  type AlertRow,
  findOrganizationsToTell,
  findRecipients,
  holdUnmailed,
  markMailed,
} from './store/alerts.ts';

const WATCH_SECONDS = 15;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
/** Alerts in one mail; more are counted. */
const MOST_IN_MAIL = 50;

export interface AlertMailDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly seal: SecretBox;
}

/** Builds what mails administrators the alerts of some severities that no mail has told of. */
export function createAlertMails({ db, now, seal }: AlertMailDependencies) {
  const tell = (org: OrgId, severities: readonly Severity[]) =>
    db.transaction(org, async (tx) => {
      const alerts = await holdUnmailed(tx, org, severities, MOST_IN_MAIL);
      if (alerts.length === 0) return;
      const at = now();
      const organization = await findOrganizationName(tx, org);
      for (const to of await findRecipients(tx, org)) {
        await sendMail(tx, seal, org, uuidv7(at.getTime()), {
          template: 'alerts',
          to,
          organization,
          alerts: alerts.map(describe),
        });
      }
      await markMailed(
        tx,
        org,
        alerts.map(({ id }) => id),
        at.toISOString(),
      );
    });
  return async (severities: readonly Severity[], signal: AbortSignal): Promise<void> => {
    await attemptEach(await findOrganizationsToTell(db, severities), (org) => tell(org, severities), signal);
  };
}

function describe({ severity, user, connection, detail }: AlertRow): string {
  const whom = user?.name ?? user?.email ?? connection ?? 'your organization';
  return `${severity.toUpperCase()}: ${whom}. ${detail.why}`;
}

/** Declares the jobs that look for alerts and tell of them: high ones at once, the others once a day. */
export function alertJobs(
  { watchEvents, watchState }: Detection,
  mailAlerts: (severities: readonly Severity[], signal: AbortSignal) => Promise<void>,
): JobKind[] {
  const declare = (name: string, everySeconds: number, handle: (signal: AbortSignal) => Promise<void>) =>
    defineJob({
      name,
      payload: z.object({}),
      retry: BRIEF_RETRIES,
      everySeconds,
      handle: (_payload, { signal }) => handle(signal),
    });
  return [
    declare('watch_events', WATCH_SECONDS, async (signal) => {
      await watchEvents(signal);
      await mailAlerts(['high'], signal);
    }),
    declare('watch_state', HOUR_SECONDS, watchState),
    declare('mail_alert_digest', DAY_SECONDS, (signal) => mailAlerts(SEVERITIES, signal)),
  ];
}
