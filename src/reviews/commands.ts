import type { CommandDependencies } from '../directory/command-dependencies.ts';
import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import { findGroupHeads } from '../directory/groups/store/memberships.ts';
import type { UserId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import { type Authority, reach } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import { findRightsOf } from '../directory/roles/store.ts';
import { countOf } from '../platform/counts.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { type Told, tellReviewers, undecidedOf } from './notices.ts';
import { createReviewWithin } from './opening.ts';
import type { Review, Reviewers, ReviewScope, Undecided } from './review.ts';
import { countDecision, findReview, writeClosed, writeReminded } from './store/reviews.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long reviewers are left alone after an administrator reminded them. */
const REMIND_AFTER_MS = DAY_MS;

/** A review that an administrator starts. */
export interface NewReviewIntent {
  readonly title: string | undefined;
  readonly scope: ReviewScope;
  readonly reviewers: Reviewers;
  readonly daysUntilDue: number;
  readonly inactiveDays: number;
  readonly undecided: Undecided;
}

export interface ReviewCommands {
  /**
   * Starts a review at once; a job collects its items.
   * @returns its id
   * @throws DomainError `forbidden`, `group_not_found`, `unknown_reviewer`
   */
  start(by: Authority, intent: NewReviewIntent): Promise<string>;
  /** Mails every reviewer with undecided items, once a day. @throws DomainError `not_found`, `not_open`, `throttled` */
  remind(by: Authority, id: string): Promise<Told>;
  /**
   * Ends a review: nothing of it can be decided or undone afterwards, and undecided items change no access.
   * @throws DomainError `not_found`, `closed`, `not_open`
   */
  close(by: Authority, id: string): Promise<void>;
}

/** Builds what administrators do with whole reviews. All of it needs `reviews:decide` for the organization. */
export function createReviewCommands({
  runner,
  seal,
}: CommandDependencies & { readonly seal: SecretBox }): ReviewCommands {
  return {
    start: (by, { title, scope, daysUntilDue, ...intent }) =>
      runner.runAs(by, async (context, actor) => {
        requireWholeOrganization(actor, 'reviews:decide');
        await requireGroupsOf(context, scope);
        await requireReviewers(context, intent.reviewers, scope);
        const dueAt = new Date(context.time.getTime() + daysUntilDue * DAY_MS).toISOString();
        const id = await createReviewWithin(
          context,
          {
            ...intent,
            title: title ?? titleOf(scope, context.at.slice(0, 10)),
            scope,
            dueAt,
            scheduledFor: null,
          },
          actor.rights.id,
        );
        if (id === undefined) throw new Error('A review of no period cannot be there twice.');
        return id;
      }),

    remind: (by, id) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, time, recordEvent } = context;
        requireWholeOrganization(actor, 'reviews:decide');
        const review = await loadOpenReview(context, id);
        const since =
          review.remindedAt === null
            ? Number.POSITIVE_INFINITY
            : time.getTime() - Date.parse(review.remindedAt);
        if (since < REMIND_AFTER_MS) {
          const wait = Math.ceil((REMIND_AFTER_MS - since) / 1_000);
          throw new DomainError(
            'throttled',
            `The reviewers were reminded in the last 24 hours: wait ${countOf(Math.ceil(wait / 3_600), 'hour')}.`,
            wait,
          );
        }
        const told = await tellReviewers(context, seal, review, 'reminder');
        await writeReminded(tx, org, id, at);
        recordEvent({
          action: 'review.reminded',
          target: ['review', id],
          changes: {
            values: {
              notice: [null, 'reminder'],
              reviewers: [null, told.reviewers.length],
              undecided: [null, told.undecided],
            },
          },
        });
        return told;
      }),

    close: (by, id) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, recordEvent } = context;
        requireWholeOrganization(actor, 'reviews:decide');
        const review = await loadOpenReview(context, id);
        const undecided = undecidedOf(review);
        // Items themselves stay as they are: a hundred thousand of them would hold the organization's lock for long.
        if (review.undecided === 'keep' && undecided > 0) {
          await countDecision(tx, org, id, 'keep', undecided);
        }
        await writeClosed(tx, org, id, actor.rights.id, at);
        recordEvent({
          action: 'review.closed',
          target: ['review', id],
          changes: {
            values: {
              decided: [null, review.items - undecided],
              undecided: [null, undecided],
              undecidedAs: [null, review.undecided],
            },
          },
        });
      }),
  };
}

/** A review in which something can still be done. @throws DomainError `not_found`, `closed`, `not_open` */
export async function loadOpenReview(
  { tx, org }: Pick<CommandContext, 'tx' | 'org'>,
  id: string,
): Promise<Review> {
  const review = await findReview(tx, org, id);
  if (review === undefined) throw notFound('review');
  if (review.state === 'closed') {
    throw new DomainError('closed', 'This access review is closed: start another one to decide again.');
  }
  if (review.state === 'opening') {
    throw new DomainError(
      'not_open',
      'The items of this access review are still being collected: try again soon.',
    );
  }
  return review;
}

async function requireGroupsOf({ tx, org }: CommandContext, { groups }: ReviewScope): Promise<void> {
  if (groups === undefined) return;
  const heads = await findGroupHeads(tx, org, groups, []);
  if (groups.some((group) => !heads.some(({ id }) => id === group))) {
    throw new DomainError('group_not_found', 'Group not found');
  }
}

/** @throws DomainError `unknown_reviewer` */
async function requireReviewers(
  { tx, org, at }: CommandContext,
  { rule, users = [] }: Reviewers,
  scope: ReviewScope,
): Promise<void> {
  if (rule === 'group_managers' && scope.groups === undefined) {
    throw new DomainError(
      'unknown_reviewer',
      'group_managers needs the groups of the scope: name them, or choose managers.',
    );
  }
  if (rule !== 'people') return;
  const rights = await findRightsOf(tx, org, users as UserId[], at);
  for (const user of users) {
    const found = rights.find(({ id }) => id === user);
    if (found === undefined || reach(found, 'reviews:decide') === 'none') {
      throw new DomainError(
        'unknown_reviewer',
        `${user} cannot review: name active users with the role configure or admin.`,
      );
    }
  }
}

/** What a review is called that was given no name. */
export function titleOf(
  { users, groups, privileged, inactiveDays, programs }: ReviewScope,
  when: string,
): string {
  const whom = privileged ? 'users with configure or admin' : groups === undefined ? 'all users' : 'users';
  const parts = [
    ...(users
      ? [
          [
            whom,
            ...(groups === undefined
              ? []
              : [`in ${groups.length === 1 ? 'a group' : countOf(groups.length, 'group')}`]),
            ...(inactiveDays === undefined ? [] : [`inactive for ${countOf(inactiveDays, 'day')}`]),
          ].join(' '),
        ]
      : []),
    ...(programs ? ['service accounts and keys'] : []),
  ];
  return `${when}, ${parts.join(', ')}`;
}
