import type { OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import {
  type Decision,
  type NewItem,
  type Outcome,
  RISKS,
  type Risk,
  type Snapshot,
  type SubjectType,
} from '../review.ts';

const insert: Statement = {
  name: 'review-items-insert',
  text: `insert into review_items (org_id, review_id, id, subject_type, subject_id, user_id, reviewers, snapshot, taken_at,
      risk, suggestion, suggested_role, suggested_group, reasons)
    select $1, $2, i.id, i.subject_type, i.subject_id, i.user_id,
      array(select jsonb_array_elements_text(i.reviewers)::uuid), i.snapshot, $4, i.risk, i.suggestion, i.suggested_role,
      i.suggested_group, i.reasons
    from jsonb_to_recordset($3::jsonb) as i (id uuid, subject_type text, subject_id uuid, user_id uuid, reviewers jsonb,
      snapshot jsonb, risk smallint, suggestion text, suggested_role text, suggested_group uuid, reasons jsonb)
    on conflict (org_id, review_id, subject_type, subject_id) do nothing returning id`,
};

/** Writes what was found of some subjects. @returns how many items are new */
export async function insertItems(
  tx: Executor,
  org: OrgId,
  review: string,
  items: readonly NewItem[],
  at: string,
): Promise<number> {
  if (items.length === 0) return 0;
  const rows = items.map(({ id, subjectType, subjectId, userId, reviewers, snapshot, suggestion }) => ({
    id,
    subject_type: subjectType,
    subject_id: subjectId,
    user_id: userId,
    reviewers,
    snapshot,
    risk: RISKS.indexOf(suggestion.risk),
    suggestion: suggestion.decision,
    suggested_role: suggestion.role,
    suggested_group: suggestion.group,
    reasons: suggestion.reasons,
  }));
  return (await tx.query(insert, [org, review, JSON.stringify(rows), at])).length;
}

/** An item as a command sees it. */
export interface StoredItem {
  readonly id: string;
  readonly subjectType: SubjectType;
  readonly subjectId: string;
  readonly userId: string | null;
  readonly reviewers: readonly string[];
  readonly risk: Risk;
  readonly snapshot: Snapshot;
  readonly suggestion: Decision;
  readonly suggestedRole: string | null;
  readonly suggestedGroup: string | null;
  readonly decision: Decision | null;
  readonly before: Outcome | null;
  readonly after: Outcome | null;
}

/** The risk of an item `i`, in words. */
export const riskSql = `(array['${RISKS.join("', '")}'])[i.risk + 1]`;

const hold: Statement = {
  name: 'review-item-hold',
  text: `select i.id, i.subject_type as "subjectType", i.subject_id as "subjectId", i.user_id as "userId", i.reviewers,
      ${riskSql} as risk, i.snapshot, i.suggestion, i.suggested_role as "suggestedRole",
      i.suggested_group as "suggestedGroup", i.decision, i.before, i.after
    from review_items i where i.org_id = $1 and i.review_id = $2 and i.id = $3 for update`,
};

/** An item, held by the transaction. */
export async function holdItem(
  tx: Executor,
  org: OrgId,
  review: string,
  id: string,
): Promise<StoredItem | undefined> {
  return (await tx.query<StoredItem>(hold, [org, review, id]))[0];
}

const decide: Statement = {
  name: 'review-item-decide',
  text: `update review_items set decision = $4, decided_by = $5, decided_at = $6, note = $7, before = $8::jsonb,
      after = $9::jsonb where org_id = $1 and review_id = $2 and id = $3`,
};

/** What a reviewer decided, and what it changed. */
export interface WrittenDecision {
  readonly decision: Decision;
  readonly by: string;
  readonly at: string;
  readonly note: string | undefined;
  readonly before: Outcome;
  readonly after: Outcome;
}

export async function writeDecision(
  tx: Executor,
  org: OrgId,
  review: string,
  id: string,
  { decision, by, at, note, before, after }: WrittenDecision,
): Promise<void> {
  await tx.query(decide, [
    org,
    review,
    id,
    decision,
    by,
    at,
    note ?? null,
    JSON.stringify(before),
    JSON.stringify(after),
  ]);
}

const reopen: Statement = {
  name: 'review-item-reopen',
  text: `update review_items set decision = null, decided_by = null, decided_at = null, note = null, before = null,
      after = null where org_id = $1 and review_id = $2 and id = $3`,
};

export async function clearDecision(tx: Executor, org: OrgId, review: string, id: string): Promise<void> {
  await tx.query(reopen, [org, review, id]);
}

const choose: Statement = {
  name: 'review-items-choose',
  text: `select i.id from review_items i where i.org_id = $1 and i.review_id = $2 and i.decision is null
      and ($3::smallint is null or i.risk = $3) and ($4::text is null or i.suggestion = $4)
      and ($5::text is null or i.subject_type = $5)
      and ($6::uuid is null or i.reviewers @> array[$6::uuid])
      and i.user_id is distinct from $7::uuid and ($8::uuid is null or i.id > $8)
    order by i.id limit $9`,
};

/** Undecided items that a reviewer chooses by what they have in common. */
export interface Choice {
  readonly risk: Risk | undefined;
  readonly suggestion: Decision | undefined;
  readonly subjectType: SubjectType | undefined;
  /** Only items of this reviewer. */
  readonly reviewer: string | undefined;
  /** Not those about this user. */
  readonly except: string;
  readonly after: string | undefined;
}

export async function chooseItems(
  tx: Executor,
  org: OrgId,
  review: string,
  { risk, suggestion, subjectType, reviewer, except, after }: Choice,
  limit: number,
): Promise<string[]> {
  const values = [
    org,
    review,
    risk === undefined ? null : RISKS.indexOf(risk),
    suggestion ?? null,
    subjectType ?? null,
    reviewer ?? null,
    except,
    after ?? null,
    limit,
  ];
  return (await tx.query<{ id: string }>(choose, values)).map(({ id }) => id);
}

const deactivations: Statement = {
  name: 'review-deactivations',
  text: 'select deactivations::integer as deactivations from users where org_id = $1 and id = $2',
};

/** How often a user was deactivated: what tells one deactivation from the next. */
export async function countDeactivations(tx: Executor, org: OrgId, user: string): Promise<number> {
  return (await tx.query<{ deactivations: number }>(deactivations, [org, user]))[0]?.deactivations ?? 0;
}
