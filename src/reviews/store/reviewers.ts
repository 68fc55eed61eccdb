import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

const waiting: Statement = {
  name: 'review-reviewers-waiting',
  text: `select r.id as reviewer, count(*)::integer as undecided
    from review_items i cross join lateral unnest(i.reviewers) as r (id)
    where i.org_id = $1 and i.review_id = $2 and i.decision is null group by r.id order by r.id`,
  long: true,
};

/** The reviewers of a review who have something to decide. */
export function findWaitingReviewers(
  tx: Executor,
  org: OrgId,
  review: string,
): Promise<{ readonly reviewer: UserId; readonly undecided: number }[]> {
  return tx.query(waiting, [org, review]);
}

const anyones: Statement = {
  name: 'review-anyones-items',
  text: `select count(*)::integer as undecided from review_items
    where org_id = $1 and review_id = $2 and decision is null and reviewers = '{}'`,
  long: true,
};

/** How many undecided items have no reviewer of their own. */
export async function countAnyonesItems(tx: Executor, org: OrgId, review: string): Promise<number> {
  return (await tx.query<{ undecided: number }>(anyones, [org, review]))[0]?.undecided ?? 0;
}

const administrators: Statement = {
  name: 'review-administrators',
  text: `select id from users where org_id = $1 and role = 'admin' and status = 'active' and deleted_at is null
    and (owner or not $2::boolean) order by owner desc, id limit 50`,
};

/** Administrators, the owners first. @param onlyOwners leaves the others out */
export async function findAdministrators(
  tx: Executor,
  org: OrgId,
  onlyOwners: boolean,
): Promise<readonly UserId[]> {
  return (await tx.query<{ id: UserId }>(administrators, [org, onlyOwners])).map(({ id }) => id);
}

const release: Statement = {
  name: 'review-release-items',
  text: `update review_items i set reviewers = array_remove(i.reviewers, $3::uuid)
    where i.org_id = $1 and i.review_id = $2 and i.decision is null and i.reviewers @> array[$3::uuid]
      and ($4::uuid[] is null or i.subject_type <> 'user' or not exists (
        select from group_members m where m.org_id = i.org_id and m.user_id = i.subject_id and m.group_id = any($4)))
    returning 1 as released`,
};

/**
 * Takes undecided items from a reviewer: all of them, or those of users who are in none of the groups that they manage.
 * @returns how many
 */
export async function releaseItems(
  tx: Executor,
  org: OrgId,
  review: string,
  reviewer: string,
  managed: readonly string[] | undefined,
): Promise<number> {
  return (await tx.query(release, [org, review, reviewer, managed ?? null])).length;
}

/** What each reviewer of a review has decided and has to decide; `null` stands for any administrator. */
export interface ReviewerProgress {
  readonly reviewer: string | null;
  readonly items: number;
  readonly undecided: number;
}

/** In the order of ids, any administrator's first. */
export function listReviewerProgress(
  db: Database,
  org: OrgId,
  review: string,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<ReviewerProgress[]> {
  return db.search<ReviewerProgress>(
    `select * from (
      select r.id as reviewer, count(*)::integer as items, (count(*) filter (where i.decision is null))::integer as undecided
      from review_items i left join lateral unnest(i.reviewers) as r (id) on true
      where i.org_id = $1 and i.review_id = $2 group by r.id
    ) p where $3::uuid is null or p.reviewer > $3 order by p.reviewer nulls first limit $4`,
    [org, review, after ?? null, limit],
  );
}
