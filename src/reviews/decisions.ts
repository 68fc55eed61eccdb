import { statedReason } from '../audit/declaration.ts';
import type { CommandDependencies } from '../directory/command-dependencies.ts';
import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError, type DomainErrorCode } from '../directory/errors.ts';
import type { GroupId, UserId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import { type Authority, isSelf, scopeOf } from '../directory/roles/authority.ts';
import { forbidden, mayRead, requirePermission } from '../directory/roles/rules/guards.ts';
import { findRights } from '../directory/roles/store.ts';
import type { Role } from '../directory/users/user.ts';
import { applyDecision, type DecisionIntent, revertDecision } from './apply.ts';
import { loadOpenReview } from './commands.ts';
import type { Decision, Outcome } from './review.ts';
import { needsNote } from './rules/decision.ts';
import {
  type Choice,
  chooseItems,
  clearDecision,
  holdItem,
  type StoredItem,
  writeDecision,
} from './store/items.ts';
import { countDecision, findReview } from './store/reviews.ts';

/** What to decide about several items; `suggested` is what is suggested for each. */
export type BulkIntent = Omit<DecisionIntent, 'decision'> & { readonly decision: Decision | 'suggested' };

/** Which: by their ids, or undecided ones by what they have in common. */
export type BulkItems =
  | { readonly ids: readonly string[] }
  | { readonly choice: Omit<Choice, 'except' | 'reviewer'> & { readonly mine: boolean } };

export interface BulkOutcome {
  readonly results: readonly {
    readonly id: string;
    readonly ok: boolean;
    readonly code?: DomainErrorCode;
    readonly message?: string;
  }[];
  /** Of a choice that has more: the item to go on behind. */
  readonly next: string | undefined;
}

export interface ReviewDecisions {
  /**
   * Decides about an item and carries it out at once (R128, R129); what is refused leaves the item undecided.
   * @throws DomainError `not_found`, `closed`, `not_open`, `self_review`, `already_decided`, `reason_required`,
   *   `not_applicable`, and all that the command of the decision throws
   */
  decide(by: Authority, review: string, item: string, intent: DecisionIntent): Promise<void>;
  /** The same about several, each by itself: one that is refused does not stop the others. */
  decideAll(by: Authority, review: string, items: BulkItems, intent: BulkIntent): Promise<BulkOutcome>;
  /**
   * Takes a decision back and restores what was before, until the review closes.
   * @throws DomainError `not_decided`, `changed_since`, `cannot_undo`, and as `decide`
   */
  undo(by: Authority, review: string, item: string): Promise<void>;
}

/** Items of one request. */
export const MOST_ITEMS = 1_000;

/** Builds what reviewers do. */
export function createReviewDecisions({ db, runner }: CommandDependencies): ReviewDecisions {
  const decideAs = (
    by: Authority,
    reviewId: string,
    id: string,
    intentFor: (item: StoredItem) => DecisionIntent,
  ) =>
    runner.runAs(by, async (context, actor) => {
      const { tx, org, at, recordEvent } = context;
      requirePermission(actor, 'reviews:decide');
      const review = await loadOpenReview(context, reviewId);
      const item = await loadItem(context, actor, reviewId, id);
      const intent = intentFor(item);
      const { decision, note } = intent;
      if (item.decision !== null && item.decision !== 'keep') {
        throw new DomainError('already_decided', 'This item is decided: undo the decision first.');
      }
      if (needsNote(decision, item.risk) && statedReason(note).reason === undefined) {
        throw new DomainError('reason_required', 'Keeping access of a high risk needs a note that says why.');
      }
      const reason = statedReason(note).reason ?? `Access review: ${review.title}`;
      const applied = await applyDecision(context, actor, item, intent, reason);
      await writeDecision(tx, org, reviewId, id, { decision, by: actor.rights.id, at, note, ...applied });
      if (item.decision !== null) await countDecision(tx, org, reviewId, item.decision, -1);
      await countDecision(tx, org, reviewId, decision, 1);
      recordEvent({
        action: 'review.item_decided',
        target: ['review', reviewId],
        member: item.subjectId,
        changes: {
          values: { item: [null, id], decision: [item.decision, decision], ...differences(applied) },
        },
        ...statedReason(note),
      });
    });

  const choose = async (
    by: Authority,
    review: string,
    { mine, ...choice }: BulkChoice,
  ): Promise<string[]> => {
    const ownOnly = mine || scopeOf(by, 'reviews:decide') !== 'all';
    const reviewer = ownOnly ? by.rights.id : undefined;
    return chooseItems(db, by.org, review, { ...choice, reviewer, except: by.rights.id }, MOST_ITEMS + 1);
  };

  return {
    decide: (by, review, id, intent) => decideAs(by, review, id, () => intent),

    decideAll: async (by, review, items, intent) => {
      if (scopeOf(by, 'reviews:decide') === 'none') throw forbidden();
      await requireReview(db, by, review);
      const found = 'ids' in items ? [...new Set(items.ids)] : await choose(by, review, items.choice);
      const ids = found.slice(0, MOST_ITEMS);
      const results: BulkOutcome['results'][number][] = [];
      for (const id of ids) {
        try {
          await decideAs(by, review, id, (item) => resolve(intent, item));
          results.push({ id, ok: true });
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          results.push({ id, ok: false, code: error.code, message: error.message });
        }
      }
      return { results, next: found.length > MOST_ITEMS ? ids.at(-1) : undefined };
    },

    undo: (by, reviewId, id) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, recordEvent } = context;
        requirePermission(actor, 'reviews:decide');
        const review = await loadOpenReview(context, reviewId);
        const item = await loadItem(context, actor, reviewId, id);
        if (item.decision === null)
          throw new DomainError('not_decided', 'This item is not decided: there is nothing to undo.');
        await revertDecision(context, actor, item, `Undone in the access review: ${review.title}`);
        await clearDecision(tx, org, reviewId, id);
        await countDecision(tx, org, reviewId, item.decision, -1);
        const back = { before: item.after ?? {}, after: item.before ?? {} };
        recordEvent({
          action: 'review.decision_undone',
          target: ['review', reviewId],
          member: item.subjectId,
          changes: { values: { item: [id, id], decision: [item.decision, null], ...differences(back) } },
        });
      }),
  };
}

type BulkChoice = Extract<BulkItems, { readonly choice: unknown }>['choice'];

/** @throws DomainError `not_found` */
async function requireReview(db: Parameters<typeof findReview>[0], by: Authority, id: string): Promise<void> {
  if ((await findReview(db, by.org, id)) === undefined) throw notFound('review');
}

/**
 * An item that the caller may decide about: one of their own, or any for an administrator; never one about themselves, nor
 * about a key or account for which they answer.
 * @throws DomainError `not_found`, `self_review`
 */
async function loadItem(
  { tx, org, at }: CommandContext,
  actor: Authority,
  review: string,
  id: string,
): Promise<StoredItem> {
  const item = await holdItem(tx, org, review, id);
  if (item === undefined) throw notFound('review_item');
  if (item.userId !== null && isSelf(actor, item.userId)) {
    throw new DomainError(
      'self_review',
      'You cannot review your own access: another reviewer decides about it.',
    );
  }
  if (scopeOf(actor, 'reviews:decide') === 'all') return item;
  if (!item.reviewers.includes(actor.rights.id)) throw notFound('review_item');
  const subject = await findRights(tx, org, item.subjectId as UserId, at);
  if (subject === undefined || !mayRead(actor, 'reviews:decide', subject)) {
    throw forbidden('You no longer manage a group of this user: another reviewer decides.');
  }
  return item;
}

/** What a bulk decision means for one item. */
function resolve({ decision, ...intent }: BulkIntent, item: StoredItem): DecisionIntent {
  if (decision !== 'suggested') return { ...intent, decision };
  return {
    ...intent,
    decision: item.suggestion,
    role: (item.suggestedRole as Role | null) ?? undefined,
    group: (item.suggestedGroup as GroupId | null) ?? undefined,
  };
}

/** The values of an event: what was before and what is now, of what is no document. */
function differences({ before, after }: { readonly before: Outcome; readonly after: Outcome }) {
  const values: Partial<
    Record<'role' | 'group' | 'status' | 'key', readonly [string | null, string | null]>
  > = {};
  for (const name of ['role', 'group', 'status', 'key'] as const) {
    if (before[name] === undefined && after[name] === undefined) continue;
    values[name] = [textOf(before[name]), textOf(after[name])];
  }
  return values;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
