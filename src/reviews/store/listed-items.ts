import type { OrgId } from '../../directory/ids.ts';
import { pattern } from '../../directory/search/store/text-search.ts';
import { displayNameKeyOf } from '../../directory/store/fragments.ts';
import { referenceTo } from '../../directory/store/references.ts';
import type { Reference } from '../../directory/users/reference.ts';
import type { Role } from '../../directory/users/user.ts';
import type { Database } from '../../platform/db/database.ts';
import { builder, runQuery } from '../../platform/db/query-builder.ts';
import type { Decision, Outcome, Risk, Snapshot, SubjectType } from '../review.ts';
import { RISKS } from '../review.ts';
import { riskSql } from './items.ts';

/** An item with the names of today. Times are ISO 8601. */
export interface ListedItem {
  readonly id: string;
  readonly subjectType: SubjectType;
  readonly subjectId: string;
  /** What a service account or a key is called; null once it is gone, and of users. */
  readonly subjectName: string | null;
  /** The user whom it is about, or who answers for it. */
  readonly user: Reference | null;
  readonly reviewers: readonly string[];
  readonly snapshot: Snapshot;
  readonly takenAt: string;
  readonly risk: Risk;
  readonly suggestion: Decision;
  readonly suggestedRole: Role | null;
  readonly suggestedGroup: string | null;
  readonly reasons: readonly string[];
  readonly decision: Decision | null;
  readonly decider: Reference | null;
  readonly decidedAt: string | null;
  readonly note: string | null;
  readonly before: Outcome | null;
  readonly after: Outcome | null;
}

/** What was decided about an item, or what the close of its review `v` has made of it. */
const decision = `coalesce(i.decision, case when v.state = 'closed' and v.undecided = 'keep' then 'keep' end)`;

const columns = `i.id, i.subject_type as "subjectType", i.subject_id as "subjectId",
  case i.subject_type when 'service_account' then (
      select a.name from service_accounts a where a.org_id = i.org_id and a.id = i.subject_id)
    when 'api_key' then (select k.name from api_keys k where k.org_id = i.org_id and k.id = i.subject_id) end
    as "subjectName",
  ${referenceTo('i.org_id', 'i.user_id')} as "user", i.reviewers, i.snapshot, i.taken_at as "takenAt", ${riskSql} as risk,
  i.suggestion, i.suggested_role as "suggestedRole", i.suggested_group as "suggestedGroup", i.reasons, ${decision} as decision,
  ${referenceTo('i.org_id', 'i.decided_by')} as decider, coalesce(i.decided_at, case when ${decision} is not null then v.closed_at end) as "decidedAt",
  i.note, i.before, i.after`;

/** Which items of a review; of several values, any. */
export interface ItemFilter {
  readonly decided?: boolean | undefined;
  readonly decisions?: readonly Decision[] | undefined;
  readonly risks?: readonly Risk[] | undefined;
  readonly suggestions?: readonly Decision[] | undefined;
  readonly subjectTypes?: readonly SubjectType[] | undefined;
  readonly reviewer?: string | undefined;
  /** Whether items without reviewers are the reviewer's, too. */
  readonly anyones?: boolean | undefined;
  /** A part of the name or address of a user. */
  readonly text?: string | undefined;
  readonly id?: string | undefined;
}

/** Where a page of items ends: the riskiest come first. */
export interface ItemPlace {
  readonly risk: Risk;
  readonly id: string;
}

/** Items of a review, the riskiest first. */
export function listItems(
  db: Database,
  org: OrgId,
  review: string,
  filter: ItemFilter,
  { after, limit }: { readonly after: ItemPlace | undefined; readonly limit: number },
): Promise<ListedItem[]> {
  const query = builder
    .select(builder.raw(columns))
    .fromRaw('review_items i join reviews v on v.org_id = i.org_id and v.id = i.review_id')
    .whereRaw('i.org_id = $1 and i.review_id = $2');
  if (filter.id !== undefined) query.where('i.id', filter.id);
  if (filter.decided !== undefined) query.whereRaw(`${decision} is ${filter.decided ? 'not ' : ''}null`);
  if (filter.decisions !== undefined) query.whereRaw(`${decision} = any(?)`, [[...filter.decisions]]);
  if (filter.risks !== undefined) {
    query.whereRaw('i.risk = any(?)', [filter.risks.map((risk) => RISKS.indexOf(risk))]);
  }
  if (filter.suggestions !== undefined) query.whereRaw('i.suggestion = any(?)', [[...filter.suggestions]]);
  if (filter.subjectTypes !== undefined)
    query.whereRaw('i.subject_type = any(?)', [[...filter.subjectTypes]]);
  if (filter.reviewer !== undefined) {
    query.whereRaw(
      `(i.reviewers @> array[?::uuid] or ?::boolean and i.reviewers = '{}' and i.user_id is distinct from ?::uuid)`,
      [filter.reviewer, filter.anyones === true, filter.reviewer],
    );
  }
  if (filter.text !== undefined) {
    const like = pattern(filter.text, '%');
    query.whereRaw(
      `exists (select from users u where u.org_id = i.org_id and u.id = i.user_id
        and (u.email_key like ? or u.user_name_key like ? or ${displayNameKeyOf('u')} like ?))`,
      [like, like, like],
    );
  }
  if (after !== undefined) {
    query.whereRaw('(i.risk, i.id) > (?::smallint, ?::uuid)', [RISKS.indexOf(after.risk), after.id]);
  }
  query.orderByRaw('i.risk, i.id').limit(limit);
  return runQuery<ListedItem>(db, [org, review], query);
}

/** The reasons of a user's elevations, read from where erasure deletes them. */
export async function findJustifications(
  db: Database,
  org: OrgId,
  elevations: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (elevations.length === 0) return new Map();
  const rows = await db.search<{ id: string; justification: string }>(
    'select id, justification from elevations where org_id = $1 and id = any($2::uuid[])',
    [org, elevations],
  );
  return new Map(rows.map(({ id, justification }) => [id, justification]));
}

/** What was decided about a subject before. */
export interface EarlierDecision {
  readonly subject: string;
  readonly review: string;
  readonly title: string;
  readonly decision: Decision;
  readonly decidedAt: string;
  readonly decider: Reference | null;
}

/** The last decision about each of some users in reviews before one. */
export async function findEarlierDecisions(
  db: Database,
  org: OrgId,
  review: string,
  users: readonly string[],
): Promise<ReadonlyMap<string, EarlierDecision>> {
  if (users.length === 0) return new Map();
  const rows = await db.search<EarlierDecision>(
    `select i.subject_id as subject, r.id as review, r.title, i.decision, i.decided_at as "decidedAt",
        ${referenceTo('i.org_id', 'i.decided_by')} as decider
      from unnest($3::uuid[]) as s (id) cross join lateral (
        select * from review_items where org_id = $1 and user_id = s.id and subject_type = 'user'
          and subject_id = s.id and review_id < $2 and decision is not null order by review_id desc limit 1
      ) i join reviews r on r.org_id = i.org_id and r.id = i.review_id`,
    [org, review, users],
  );
  return new Map(rows.map((row) => [row.subject, row]));
}
