import type { Origin } from '../directory/actor.ts';
import type { CommandContext, CommandRunner } from '../directory/command-runner.ts';
import type { OrgId } from '../directory/ids.ts';
import { insertJob } from '../jobs/store/insert.ts';
import type { Database } from '../platform/db/database.ts';
import type { Phase, Review } from './review.ts';
import { createSnapshotReader } from './snapshot.ts';
import { countSubjects } from './store/facts.ts';
import { insertItems } from './store/items.ts';
import type { NewReview } from './store/reviews.ts';
import { holdReview, insertReview, writeOpened, writeOpeningProgress } from './store/reviews.ts';

export const OPEN_JOB = 'open_review';
/** Subjects in one transaction: as much is in memory, and as much is done again after a crash. */
const BATCH = 500;

/** What the schedule does is recorded as the worker's. */
export const SCHEDULE_ORIGIN: Origin = {
  actor: { type: 'system', id: 'worker', via: 'schedule' },
  requestId: 'reviews',
};

/** What a review is to be, as an administrator or the schedule says. */
export type ReviewIntent = Pick<
  Review,
  'title' | 'scope' | 'reviewers' | 'inactiveDays' | 'undecided' | 'scheduledFor' | 'dueAt'
>;

const DAY_MS = 86_400_000;
/** How far back the use of rights is looked at. */
const PERIOD_DAYS = 90;

/**
 * Starts a review in a command's transaction: a job collects its items.
 * @returns its id; undefined if its period has a review already
 */
export async function createReviewWithin(
  context: CommandContext,
  intent: ReviewIntent,
  createdBy: string | null,
): Promise<string | undefined> {
  const { tx, org, at, time, newId, recordEvent } = context;
  const id = newId();
  const review: NewReview = {
    ...intent,
    id,
    createdAt: at,
    createdBy,
    periodFrom: new Date(time.getTime() - PERIOD_DAYS * DAY_MS).toISOString(),
    phase: intent.scope.users ? 'users' : 'service_accounts',
    expected: await countSubjects(tx, org, intent.scope, time),
  };
  if (!(await insertReview(tx, org, review))) return undefined;
  await insertJob(tx, { id: newId(), org, kind: OPEN_JOB, payload: { org, id } });
  recordEvent({
    action: 'review.created',
    target: ['review', id],
    changes: {
      values: {
        title: [null, intent.title],
        dueAt: [null, intent.dueAt],
        reviewers: [null, intent.reviewers.rule],
        ...(intent.scheduledFor === null ? {} : { scheduledFor: [null, intent.scheduledFor] as const }),
      },
    },
  });
  return id;
}

export interface ReviewOpening {
  /**
   * Collects the items of a review, batch by batch; each batch and how far it came are one transaction, so that a run after
   * a crash goes on where it stopped, and two at once take turns.
   * @throws the reason of `signal` between two batches once it is aborted
   */
  open(org: OrgId, id: string, signal: AbortSignal): Promise<void>;
}

/** Builds it. */
export function createOpening({
  db,
  now,
  runner,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
}): ReviewOpening {
  return {
    open: async (org, id, signal) => {
      const reader = createSnapshotReader(org, now);
      /** @returns whether there is more */
      const step = () =>
        db.transaction(org, async (tx) => {
          const review = await holdReview(tx, org, id);
          if (review === undefined || review.state !== 'opening' || review.phase === 'done') return false;
          const { items, next } = await reader.read(tx, review, BATCH);
          const added = await insertItems(tx, org, id, items, now().toISOString());
          const phase = next === undefined ? phaseAfter(review) : review.phase;
          await writeOpeningProgress(tx, org, id, { phase, next: next ?? null, added });
          return phase !== 'done';
        });
      do signal.throwIfAborted();
      while (await step());
      await runner.withOrganization(org, SCHEDULE_ORIGIN, async ({ tx, at, recordEvent }) => {
        const items = await writeOpened(tx, org, id, at);
        if (items === undefined) return;
        recordEvent({
          action: 'review.opened',
          target: ['review', id],
          changes: { values: { items: [null, items] } },
        });
      });
    },
  };
}

function phaseAfter({ phase, scope }: Review): Phase {
  if (!scope.programs) return 'done';
  return phase === 'users' ? 'service_accounts' : phase === 'service_accounts' ? 'api_keys' : 'done';
}
