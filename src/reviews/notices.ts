import type { CommandContext } from '../directory/command-runner.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { type Mail, sendMail } from '../notifications/mails.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import type { Review } from './review.ts';
import {
  countAnyonesItems,
  findAddresses,
  findAdministrators,
  findWaitingReviewers,
} from './store/reviewers.ts';

type ReviewNotice = Extract<Mail, { readonly template: 'review' }>['notice'];

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
  const counts = new Map<string, number>(waiting.map(({ reviewer, undecided }) => [reviewer, undecided]));
  if (anyones > 0) {
    for (const id of await findAdministrators(tx, org, false))
      counts.set(id, (counts.get(id) ?? 0) + anyones);
  }
  const reviewers = await mailEach(context, seal, review, notice, counts);
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
  await mailEach(context, seal, review, 'escalated', new Map(untold.map((id) => [id, undecidedOf(review)])));
}

/** Mails the administrators that items of a reviewer are for others now. */
export async function tellOfReassignment(
  context: CommandContext,
  seal: SecretBox,
  review: Review,
  items: number,
): Promise<void> {
  const ids = await findAdministrators(context.tx, context.org, false);
  await mailEach(context, seal, review, 'reassigned', new Map(ids.map((id) => [id, items])));
}

/** How many items of a review wait for a decision. */
export function undecidedOf({ items, kept, rolesChanged, groupsRemoved, deactivated }: Review): number {
  return items - kept - rolesChanged - groupsRemoved - deactivated;
}

async function mailEach(
  { tx, org, newId }: CommandContext,
  seal: SecretBox,
  { title, dueAt }: Review,
  notice: ReviewNotice,
  counts: ReadonlyMap<string, number>,
): Promise<readonly string[]> {
  if (counts.size === 0) return [];
  const { organization } = await findSettings(tx, org);
  const addresses = await findAddresses(tx, org, [...counts.keys()]);
  for (const [id, to] of addresses) {
    const undecided = counts.get(id) ?? 0;
    await sendMail(tx, seal, org, newId(), {
      template: 'review',
      to,
      organization,
      notice,
      title,
      undecided,
      dueAt,
    });
  }
  return [...addresses.keys()];
}
