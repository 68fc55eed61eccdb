import type { CommandDependencies } from '../directory/command-dependencies.ts';
import type { OrgId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { managedGroups, reach } from '../directory/roles/authority.ts';
import { findRightsOf } from '../directory/roles/store.ts';
import { attemptEach } from '../platform/jobs/attempt-each.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { titleOf } from './commands.ts';
import { tellOfReassignment, tellOwners, tellReviewers } from './notices.ts';
import { createReviewWithin, SCHEDULE_ORIGIN } from './opening.ts';
import { dueNotice, isDueToOpen, periodOf } from './rules/schedule.ts';
import { findWaitingReviewers, releaseItems } from './store/reviewers.ts';
import {
  findNewestPeriod,
  findReview,
  findReviewsInState,
  findScheduledOrganizations,
  writeNotices,
} from './store/reviews.ts';

const DAY_MS = 86_400_000;

export interface ReviewTending {
  /** Opens the reviews of periods that have begun (R126): one for each, however many processes ask. */
  openScheduled(signal: AbortSignal): Promise<void>;
  /** Passes on items of reviewers who left, and mails what is due: openings, reminders, escalations; each once. */
  tendOpen(signal: AbortSignal): Promise<void>;
}

/** Builds what the schedule does about reviews. */
export function createTending({
  db,
  now,
  runner,
  seal,
}: CommandDependencies & { readonly seal: SecretBox }): ReviewTending {
  const openFor = (org: OrgId) =>
    runner.withOrganization(org, SCHEDULE_ORIGIN, async (context) => {
      const { reviewSchedule: schedule } = (await findSettings(context.tx, org)).settings;
      if (!schedule.enabled) return;
      const period = periodOf(context.time, schedule.frequency);
      if (!isDueToOpen(context.time, period, await findNewestPeriod(context.tx, org))) return;
      const { scope, reviewers, inactiveDays, undecided, daysUntilDue } = schedule;
      const dueAt = new Date(context.time.getTime() + daysUntilDue * DAY_MS).toISOString();
      const title = titleOf(scope, period.name);
      await createReviewWithin(
        context,
        { title, scope, reviewers, inactiveDays, undecided, dueAt, scheduledFor: period.begins },
        null,
      );
    });

  /** Takes undecided items from reviewers who may no longer decide about them. */
  const passOn = async (org: OrgId, id: string): Promise<void> => {
    const waiting = await findWaitingReviewers(db, org, id);
    const rights = await findRightsOf(
      db,
      org,
      waiting.map(({ reviewer }) => reviewer),
      now().toISOString(),
    );
    const rightsById = new Map(rights.map((each) => [each.id, each]));
    for (const { reviewer } of waiting) {
      const found = rightsById.get(reviewer);
      const scope = found === undefined ? 'none' : reach(found, 'reviews:decide');
      if (scope === 'all') continue;
      const managed = found === undefined || scope === 'none' ? undefined : [...managedGroups(found)];
      await runner.withOrganization(org, SCHEDULE_ORIGIN, async (context) => {
        const items = await releaseItems(context.tx, org, id, reviewer, managed);
        const review = items === 0 ? undefined : await findReview(context.tx, org, id);
        if (review === undefined) return;
        context.recordEvent({
          action: 'review.reassigned',
          target: ['review', id],
          member: reviewer,
          changes: { values: { items: [null, items] } },
        });
        await tellOfReassignment(context, seal, review, items);
      });
    }
  };

  const notify = (org: OrgId, id: string) =>
    runner.withOrganization(org, SCHEDULE_ORIGIN, async (context) => {
      const { tx, time, recordEvent } = context;
      const review = await findReview(tx, org, id);
      if (review === undefined || review.state !== 'open' || review.openedAt === null) return;
      const due = dueNotice({ openedAt: review.openedAt, dueAt: review.dueAt }, review.notices, time);
      if (due === undefined) return;
      await writeNotices(tx, org, id, due.settle);
      const told = await tellReviewers(context, seal, review, due.send);
      const values = { reviewers: [null, told.reviewers.length], undecided: [null, told.undecided] } as const;
      if (told.undecided === 0) return;
      if (due.send === 'overdue') {
        await tellOwners(context, seal, review, told.reviewers);
        recordEvent({ action: 'review.escalated', target: ['review', id], changes: { values } });
      } else {
        recordEvent({
          action: 'review.reminded',
          target: ['review', id],
          changes: { values: { notice: [null, due.send], ...values } },
        });
      }
    });

  return {
    openScheduled: async (signal) => {
      await attemptEach(await findScheduledOrganizations(db), openFor, signal);
    },

    tendOpen: async (signal) => {
      const tend = async ({ org, id }: { readonly org: OrgId; readonly id: string }) => {
        await passOn(org, id);
        await notify(org, id);
      };
      await attemptEach(await findReviewsInState(db, 'open'), tend, signal);
    },
  };
}
