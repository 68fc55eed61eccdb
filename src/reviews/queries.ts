import { notFound } from '../directory/not-found.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import { type Authority, isSelf, scopeOf } from '../directory/roles/authority.ts';
import { requirePermission, requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import type { Reference } from '../directory/users/reference.ts';
import { findReferences } from '../directory/users/store/references.ts';
import type { Database } from '../platform/db/database.ts';
import type { ReviewState } from './review.ts';
import { nextOpening } from './rules/schedule.ts';
import {
  type EarlierDecision,
  findEarlierDecisions,
  findJustifications,
  type ItemFilter,
  type ItemPlace,
  type ListedItem,
  listItems,
} from './store/listed-items.ts';
import { listReviewerProgress } from './store/reviewers.ts';
import {
  countOwnItems,
  findNewestPeriod,
  findReview,
  hasItemsFor,
  type ListedReview,
  listReviews,
  type OwnProgress,
} from './store/reviews.ts';

/** A review, and what the caller has to decide in it. */
export type SeenReview = ListedReview & { readonly mine: OwnProgress };

/** An item, with all that a reviewer looks at. */
export interface SeenItem extends ListedItem {
  readonly reviewerNames: readonly Reference[];
  /** By elevation. */
  readonly justifications: ReadonlyMap<string, string>;
  readonly earlier: EarlierDecision | undefined;
  /** Whether it is about the caller, who may not decide about it. */
  readonly isOwn: boolean;
}

interface Page<Place> {
  readonly after: Place | undefined;
  readonly limit: number;
}

export interface ReviewQueries {
  /** The newest first; for a reviewer who is no administrator only those with items of their own. */
  list(
    by: Authority,
    filter: { readonly states: readonly ReviewState[] | undefined; readonly mine: boolean },
    page: Page<string>,
  ): Promise<SeenReview[]>;
  /** @throws DomainError `not_found` */
  get(by: Authority, id: string): Promise<SeenReview>;
  /** The riskiest first; of a reviewer who is no administrator only their own. @throws DomainError `not_found` */
  items(
    by: Authority,
    review: string,
    filter: ItemFilter & { readonly mine: boolean },
    page: Page<ItemPlace>,
  ): Promise<SeenItem[]>;
  /** @throws DomainError `not_found` */
  item(by: Authority, review: string, id: string): Promise<SeenItem>;
  /** What each reviewer has to decide; null for what any administrator decides. @throws DomainError `not_found` */
  reviewers(
    by: Authority,
    review: string,
    page: Page<string>,
  ): Promise<(OwnProgress & { readonly reviewer: Reference | null })[]>;
  /** When the schedule opens its next review; undefined while it is off. */
  nextScheduled(by: Authority): Promise<string | undefined>;
}

const NOTHING: OwnProgress = { items: 0, undecided: 0 };

/** Builds the questions about reviews. */
export function createReviewQueries({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): ReviewQueries {
  const isAdministrator = (by: Authority) => scopeOf(by, 'reviews:decide') === 'all';

  const withOwn = async (by: Authority, rows: readonly ListedReview[]): Promise<SeenReview[]> => {
    const ids = rows.map(({ id }) => id);
    const own = await countOwnItems(db, by.org, ids, by.rights.id, isAdministrator(by));
    return rows.map((row) => ({ ...row, mine: own.get(row.id) ?? NOTHING }));
  };

  /** A review that the caller may see: one in which they have items, or any for an administrator. */
  const requireVisible = async (by: Authority, id: string): Promise<ListedReview> => {
    requirePermission(by, 'reviews:decide');
    const review = await findReview(db, by.org, id);
    if (review === undefined) throw notFound('review');
    if (isAdministrator(by) || (await hasItemsFor(db, by.org, id, by.rights.id))) return review;
    throw notFound('review');
  };

  const withDetails = async (
    by: Authority,
    review: string,
    items: readonly ListedItem[],
  ): Promise<SeenItem[]> => {
    const elevations = items.flatMap(({ snapshot }) => snapshot.elevations.map(({ id }) => id));
    const [justifications, earlier, names] = await Promise.all([
      findJustifications(db, by.org, elevations),
      findEarlierDecisions(
        db,
        by.org,
        review,
        items.filter(({ subjectType }) => subjectType === 'user').map(({ subjectId }) => subjectId),
      ),
      findReferences(db, by.org, [...new Set(items.flatMap(({ reviewers }) => reviewers))]),
    ]);
    return items.map((item) => ({
      ...item,
      reviewerNames: item.reviewers.flatMap((id) => names.get(id) ?? []),
      justifications,
      earlier: earlier.get(item.subjectId),
      isOwn: item.user !== null && isSelf(by, item.user.id),
    }));
  };

  /** What the caller may see of the items. */
  const seenBy = (by: Authority, filter: ItemFilter, mine: boolean): ItemFilter =>
    isAdministrator(by) && !mine
      ? filter
      : { ...filter, reviewer: by.rights.id, anyones: isAdministrator(by) };

  return {
    list: async (by, { states, mine }, page) => {
      requirePermission(by, 'reviews:decide');
      const anyones = isAdministrator(by);
      const reviewer = mine || !anyones ? by.rights.id : undefined;
      return withOwn(by, await listReviews(db, by.org, { states, reviewer, anyones }, page));
    },

    get: async (by, id) => {
      const review = await requireVisible(by, id);
      const [seen] = await withOwn(by, [review]);
      return seen ?? { ...review, mine: NOTHING };
    },

    items: async (by, review, { mine, ...filter }, page) => {
      await requireVisible(by, review);
      return withDetails(by, review, await listItems(db, by.org, review, seenBy(by, filter, mine), page));
    },

    item: async (by, review, id) => {
      await requireVisible(by, review);
      const page = { after: undefined, limit: 1 };
      const [item] = await withDetails(
        by,
        review,
        await listItems(db, by.org, review, seenBy(by, { id }, false), page),
      );
      if (item === undefined) throw notFound('review_item');
      return item;
    },

    reviewers: async (by, review, page) => {
      requireWholeOrganization(by, 'reviews:decide');
      await requireVisible(by, review);
      const rows = await listReviewerProgress(db, by.org, review, page);
      const names = await findReferences(
        db,
        by.org,
        rows.flatMap(({ reviewer }) => reviewer ?? []),
      );
      return rows.map(({ reviewer, ...counts }) => ({
        ...counts,
        reviewer: reviewer === null ? null : (names.get(reviewer) ?? null),
      }));
    },

    nextScheduled: async (by) => {
      requirePermission(by, 'reviews:decide');
      const { reviewSchedule } = (await findSettings(db, by.org)).settings;
      if (!reviewSchedule.enabled) return undefined;
      return nextOpening(now(), reviewSchedule.frequency, await findNewestPeriod(db, by.org));
    },
  };
}
