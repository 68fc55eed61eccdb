import type { OrgId } from '../../directory/ids.ts';
import { referenceTo } from '../../directory/store/references.ts';
import type { Reference } from '../../directory/users/reference.ts';
import type { Database } from '../../platform/db/database.ts';
import { builder, type IdPage, pageById, runQuery } from '../../platform/db/query-builder.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { Decision, Phase, Review, ReviewState } from '../review.ts';

const columns = `v.id, v.title, v.state, v.scope, v.reviewers, v.inactive_days as "inactiveDays", v.undecided,
  v.scheduled_for::text as "scheduledFor", v.period_from as "periodFrom", v.created_at as "createdAt",
  v.created_by as "createdBy", v.due_at as "dueAt", v.opened_at as "openedAt", v.closed_at as "closedAt",
  v.closed_by as "closedBy", v.phase, v.next_subject as "nextSubject", v.expected, v.items, v.kept,
  v.roles_changed as "rolesChanged", v.groups_removed as "groupsRemoved", v.deactivated, v.notices,
  v.reminded_at as "remindedAt"`;

const withNames = `${columns}, ${referenceTo('v.org_id', 'v.created_by')} as creator,
  ${referenceTo('v.org_id', 'v.closed_by')} as closer`;

/** A review with who started and closed it. */
export interface ListedReview extends Review {
  readonly creator: Reference | null;
  readonly closer: Reference | null;
}

const insert: Statement = {
  name: 'review-insert',
  text: `insert into reviews (org_id, id, title, state, scope, reviewers, inactive_days, undecided, scheduled_for,
      period_from, created_at, created_by, due_at, phase, expected)
    values ($1, $2, $3, 'opening', $4::jsonb, $5::jsonb, $6, $7, $8::date, $9, $10, $11, $12, $13, $14)
    on conflict (org_id, scheduled_for) do nothing returning id`,
};

export type NewReview = Pick<
  Review,
  | 'id'
  | 'title'
  | 'scope'
  | 'reviewers'
  | 'inactiveDays'
  | 'undecided'
  | 'scheduledFor'
  | 'periodFrom'
  | 'createdAt'
  | 'createdBy'
  | 'dueAt'
  | 'phase'
  | 'expected'
>;

/** @returns false if its period has a review already */
export async function insertReview(tx: Executor, org: OrgId, review: NewReview): Promise<boolean> {
  const rows = await tx.query(insert, [
    org,
    review.id,
    review.title,
    JSON.stringify(review.scope),
    JSON.stringify(review.reviewers),
    review.inactiveDays,
    review.undecided,
    review.scheduledFor,
    review.periodFrom,
    review.createdAt,
    review.createdBy,
    review.dueAt,
    review.phase,
    review.expected,
  ]);
  return rows.length > 0;
}

const byId: Statement = {
  name: 'review-by-id',
  text: `select ${withNames} from reviews v where v.org_id = $1 and v.id = $2`,
};

export async function findReview(db: Executor, org: OrgId, id: string): Promise<ListedReview | undefined> {
  return (await db.query<ListedReview>(byId, [org, id]))[0];
}

const held: Statement = {
  name: 'review-hold',
  text: `select ${columns} from reviews v where v.org_id = $1 and v.id = $2 for update`,
};

/** The same, held by the transaction. */
export async function holdReview(tx: Executor, org: OrgId, id: string): Promise<Review | undefined> {
  return (await tx.query<Review>(held, [org, id]))[0];
}

/** Which reviews to list. */
export interface ReviewFilter {
  readonly states: readonly ReviewState[] | undefined;
  /** Only those that have items for this reviewer. */
  readonly reviewer: string | undefined;
  /** Whether items without reviewers are the reviewer's, too. */
  readonly anyones: boolean;
}

/** The newest first. */
export function listReviews(
  db: Database,
  org: OrgId,
  { states, reviewer, anyones }: ReviewFilter,
  page: IdPage,
): Promise<ListedReview[]> {
  const query = builder.select(builder.raw(withNames)).fromRaw('reviews v').whereRaw('v.org_id = $1');
  if (states !== undefined) query.whereRaw('v.state = any(?)', [[...states]]);
  if (reviewer !== undefined) {
    query.whereRaw(
      `exists (select from review_items i where i.org_id = v.org_id and i.review_id = v.id
        and (i.reviewers @> array[?::uuid] or ?::boolean and i.reviewers = '{}'
          and i.user_id is distinct from ?::uuid))`,
      [reviewer, anyones, reviewer],
    );
  }
  return runQuery<ListedReview>(db, [org], pageById(query, 'v.id', 'desc', page));
}

const mine: Statement = {
  name: 'review-mine',
  text: `select i.review_id as review, count(*)::integer as items,
      (count(*) filter (where i.decision is null))::integer as undecided
    from review_items i where i.org_id = $1 and i.review_id = any($2::uuid[])
      and (i.reviewers @> array[$3::uuid] or $4::boolean and i.reviewers = '{}' and i.user_id is distinct from $3::uuid)
    group by i.review_id`,
  long: true,
};

export interface OwnProgress {
  readonly items: number;
  readonly undecided: number;
}

/** What a reviewer has to decide in each of some reviews. @param anyones as of `ReviewFilter` */
export async function countOwnItems(
  db: Executor,
  org: OrgId,
  reviews: readonly string[],
  reviewer: string,
  anyones: boolean,
): Promise<ReadonlyMap<string, OwnProgress>> {
  if (reviews.length === 0) return new Map();
  const rows = await db.query<OwnProgress & { review: string }>(mine, [org, reviews, reviewer, anyones]);
  return new Map(rows.map(({ review, ...counts }) => [review, counts]));
}

const involved: Statement = {
  name: 'review-involves',
  text: `select exists (select from review_items i where i.org_id = $1 and i.review_id = $2
    and i.reviewers @> array[$3::uuid]) as involved`,
};

/** Whether a review has items for a reviewer. */
export async function hasItemsFor(
  db: Executor,
  org: OrgId,
  review: string,
  reviewer: string,
): Promise<boolean> {
  const [row] = await db.query<{ involved: boolean }>(involved, [org, review, reviewer]);
  return row?.involved === true;
}

const progress: Statement = {
  name: 'review-progress',
  text: `update reviews set phase = $3, next_subject = $4, items = items + $5 where org_id = $1 and id = $2`,
};

/** Writes how far the opening of a review has come, in the transaction of the items. */
export async function writeOpeningProgress(
  tx: Executor,
  org: OrgId,
  id: string,
  { phase, next, added }: { readonly phase: Phase; readonly next: string | null; readonly added: number },
): Promise<void> {
  await tx.query(progress, [org, id, phase, next, added]);
}

const opened: Statement = {
  name: 'review-opened',
  text: `update reviews set state = 'open', opened_at = $3 where org_id = $1 and id = $2 and state = 'opening'
    returning items`,
};

/** @returns the number of items, or undefined if it was open already */
export async function writeOpened(
  tx: Executor,
  org: OrgId,
  id: string,
  at: string,
): Promise<number | undefined> {
  return (await tx.query<{ items: number }>(opened, [org, id, at]))[0]?.items;
}

const COUNTS: Readonly<Record<Decision, string>> = {
  keep: 'kept',
  change_role: 'roles_changed',
  remove_group: 'groups_removed',
  deactivate: 'deactivated',
};

const counted = Object.fromEntries(
  Object.entries(COUNTS).map(([decision, column]) => [
    decision,
    {
      name: `review-count-${decision}`,
      text: `update reviews set ${column} = ${column} + $3 where org_id = $1 and id = $2`,
    },
  ]),
) as Readonly<Record<Decision, Statement>>;

/** Adds to how often a decision was made. */
export async function countDecision(
  tx: Executor,
  org: OrgId,
  id: string,
  decision: Decision,
  by: number,
): Promise<void> {
  await tx.query(counted[decision], [org, id, by]);
}

const close: Statement = {
  name: 'review-close',
  text: `update reviews set state = 'closed', closed_at = $3, closed_by = $4 where org_id = $1 and id = $2`,
};

export async function writeClosed(
  tx: Executor,
  org: OrgId,
  id: string,
  by: string,
  at: string,
): Promise<void> {
  await tx.query(close, [org, id, at, by]);
}

const noticed: Statement = {
  name: 'review-noticed',
  text: `update reviews set notices = notices || $3::text[] where org_id = $1 and id = $2`,
};

export async function writeNotices(
  tx: Executor,
  org: OrgId,
  id: string,
  notices: readonly string[],
): Promise<void> {
  await tx.query(noticed, [org, id, notices]);
}

const reminded: Statement = {
  name: 'review-reminded',
  text: 'update reviews set reminded_at = $3 where org_id = $1 and id = $2',
};

export async function writeReminded(tx: Executor, org: OrgId, id: string, at: string): Promise<void> {
  await tx.query(reminded, [org, id, at]);
}

const newest: Statement = {
  name: 'review-newest-scheduled',
  text: 'select max(scheduled_for)::text as newest from reviews where org_id = $1',
};

/** The first day of the newest period that has a scheduled review. */
export async function findNewestPeriod(db: Executor, org: OrgId): Promise<string | undefined> {
  return (await db.query<{ newest: string | null }>(newest, [org]))[0]?.newest ?? undefined;
}

/** Reviews in a state, of all organizations. */
export async function findReviewsInState(
  db: Database,
  state: 'opening' | 'open',
): Promise<{ readonly org: OrgId; readonly id: string }[]> {
  return db.search('select org_id as org, id from reviews where state = $1 order by org_id, id', [state]);
}

/** Organizations whose schedule is on. */
export async function findScheduledOrganizations(db: Database): Promise<OrgId[]> {
  const rows = await db.search<{ id: OrgId }>(
    `select id from organizations where (settings -> 'reviewSchedule' ->> 'enabled') = $1`,
    ['true'],
  );
  return rows.map(({ id }) => id);
}
