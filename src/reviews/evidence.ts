import { DomainError } from '../directory/errors.ts';
import type { OrgId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import type { Database } from '../platform/db/database.ts';
import { type ItemPlace, type ListedItem, listItems } from './store/listed-items.ts';
import { findReview, type ListedReview } from './store/reviews.ts';

const BATCH = 500;

/** One file of a review's evidence: JSON objects, read as they are asked for. */
export interface EvidenceFile {
  readonly name: string;
  readonly rows: AsyncIterable<Readonly<Record<string, unknown>>>;
}

/**
 * What a review shows to an auditor (R126 to R130): whom and what it looked at, who decided what and when, and what was
 * before and after each decision. Names are those of today, and none of erased users. In flat memory.
 * @throws DomainError `not_found`, `not_open` while its items are being collected
 */
export async function evidenceOf(db: Database, org: OrgId, id: string): Promise<readonly EvidenceFile[]> {
  const review = await loadCollectedReview(db, org, id);
  return [
    { name: 'review', rows: one(reviewEvidence(review)) },
    { name: 'items', rows: each(allItems(db, org, id), itemEvidence) },
    { name: 'decisions', rows: each(allItems(db, org, id, true), decisionEvidence) },
  ];
}

/** A review that has all of its items. @throws DomainError `not_found`, `not_open` while they are being collected */
export async function loadCollectedReview(db: Database, org: OrgId, id: string): Promise<ListedReview> {
  const review = await findReview(db, org, id);
  if (review === undefined) throw notFound('review');
  if (review.state === 'opening') {
    throw new DomainError(
      'not_open',
      'The items of this access review are still being collected: try again soon.',
    );
  }
  return review;
}

/** All items of a review in batches, the riskiest first. @param decided only those, if true */
export async function* allItems(
  db: Database,
  org: OrgId,
  review: string,
  decided?: true,
): AsyncIterable<readonly ListedItem[]> {
  for (let after: ItemPlace | undefined; ; ) {
    const items = await listItems(db, org, review, { decided }, { after, limit: BATCH });
    if (items.length > 0) yield items;
    if (items.length < BATCH) return;
    after = items.at(-1);
  }
}

function reviewEvidence(review: ListedReview) {
  const { nextSubject: _next, phase: _phase, expected: _expected, creator, closer, ...facts } = review;
  return { ...facts, startedBy: creator, closedBy: closer };
}

function itemEvidence(item: ListedItem) {
  const { id, subjectType, subjectId, subjectName, user, snapshot, takenAt, risk, reasons, reviewers } = item;
  const suggestion = { decision: item.suggestion, role: item.suggestedRole, group: item.suggestedGroup };
  return {
    id,
    subjectType,
    subjectId,
    subjectName,
    user,
    takenAt,
    reviewed: snapshot,
    risk,
    suggestion,
    reasons,
    reviewers,
    decision: item.decision,
  };
}

function decisionEvidence(item: ListedItem) {
  const { id, subjectType, subjectId, user, decision, decider, decidedAt, note, before, after } = item;
  return {
    item: id,
    subjectType,
    subjectId,
    user,
    decision,
    decidedBy: decider,
    decidedAt,
    note,
    before,
    after,
  };
}

async function* one(row: Readonly<Record<string, unknown>>) {
  yield row;
}

async function* each<Row extends Readonly<Record<string, unknown>>>(
  batches: AsyncIterable<readonly ListedItem[]>,
  present: (item: ListedItem) => Row,
) {
  for await (const items of batches) for (const item of items) yield present(item);
}
