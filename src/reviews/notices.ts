import type { CommandContext } from '../directory/command-runner.ts';
import type { UserId } from '../directory/ids.ts';
import type { MailContent } from '../notifications/mails.ts';
import { type Notice, notify } from '../notifications/notify.ts';
import type { Topic } from '../notifications/topics.ts';
import { countOf } from '../platform/counts.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { writtenDay } from '../platform/time.ts';
import type { Review } from './review.ts';
import { countAnyonesItems, findAdministrators, findWaitingReviewers } from './store/reviewers.ts';

type ReviewNotice = Extract<MailContent, { readonly template: 'review' }>['notice'];

/** Who was told. */
export interface Told {
  readonly reviewers: readonly string[];
  /** Items that are undecided in the review. */
  readonly undecided: number;
}

/**
 * Mails every reviewer who has something to decide, once each and with how much it is. What has no reviewer of its own is
 * every administrator's, the one whom it is about aside.
 */
export async function tellReviewers(
  context: CommandContext,
  seal: SecretBox,
  review: Review,
  notice: ReviewNotice,
): Promise<Told> {
  const { tx, org } = context;
  const waiting = await findWaitingReviewers(tx, org, review.id);
  const anyones = await countAnyonesItems(tx, org, review.id);
  const counts = new Map<UserId, number>(waiting.map(({ reviewer, undecided }) => [reviewer, undecided]));
  if (anyones > 0) {
    for (const id of await findAdministrators(tx, org, false))
      counts.set(id, (counts.get(id) ?? 0) + anyones);
  }
  const reviewers = await tellEach(context, seal, review, notice, counts);
  return { reviewers, undecided: undecidedOf(review) };
}

/** Mails the owners that a review is overdue. @param told who has a mail of it already */
export async function tellOwners(
  context: CommandContext,
  seal: SecretBox,
  review: Review,
  told: readonly string[],
): Promise<void> {
  const owners = await findAdministrators(context.tx, context.org, true);
  const untold = owners.filter((id) => !told.includes(id));
  await tellEach(context, seal, review, 'escalated', new Map(untold.map((id) => [id, undecidedOf(review)])));
}

/** Mails the administrators that items of a reviewer are for others now. */
export async function tellOfReassignment(
  context: CommandContext,
  seal: SecretBox,
  review: Review,
  items: number,
): Promise<void> {
  const ids = await findAdministrators(context.tx, context.org, false);
  await tellEach(context, seal, review, 'reassigned', new Map(ids.map((id) => [id, items])));
}

/** How many items of a review wait for a decision. */
export function undecidedOf({ items, kept, rolesChanged, groupsRemoved, deactivated }: Review): number {
  return items - kept - rolesChanged - groupsRemoved - deactivated;
}

async function tellEach(
  context: CommandContext,
  seal: SecretBox,
  { id, title, dueAt }: Review,
  notice: ReviewNotice,
  counts: ReadonlyMap<UserId, number>,
): Promise<readonly string[]> {
  const { topic, mayRepeat, words } = NOTICES[notice];
  const key = mayRepeat ? context.newId() : id;
  const notices = [...counts].map(([to, undecided]): Notice => {
    const items = countOf(undecided, 'item waits', 'items wait');
    return {
      key: `${key} ${notice}`,
      to,
      path: `/reviews/${id}`,
      line: `${words} “${title}”: ${items} for a decision, due on ${writtenDay(dueAt)}.`,
      mail: { template: 'review', notice, id, title, undecided, dueAt },
    };
  });
  return [...(await notify(context, seal, topic, notices))];
}

/** Under which topic each is told, whether it may be told again of one review, and how a digest says it. */
const NOTICES: Readonly<
  Record<ReviewNotice, { readonly topic: Topic; readonly mayRepeat: boolean; readonly words: string }>
> = {
  opened: { topic: 'review', mayRepeat: false, words: 'The access review was opened' },
  due_in_7: { topic: 'review', mayRepeat: false, words: 'Reminder of the access review' },
  due_in_1: { topic: 'review', mayRepeat: false, words: 'Due tomorrow: the access review' },
  reminder: { topic: 'review', mayRepeat: true, words: 'Reminder of the access review' },
  overdue: { topic: 'review', mayRepeat: false, words: 'Overdue: the access review' },
  escalated: { topic: 'review_oversight', mayRepeat: false, words: 'Overdue: the access review' },
  reassigned: { topic: 'review_oversight', mayRepeat: true, words: 'A reviewer left the access review' },
};
