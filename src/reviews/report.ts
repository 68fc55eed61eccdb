import type { CommandDependencies } from '../directory/command-dependencies.ts';
import { notFound } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import { writeCsv } from '../platform/text-rows.ts';
import { allItems } from './evidence.ts';
import type { ListedItem } from './store/listed-items.ts';
import { findReview } from './store/reviews.ts';

export interface ReviewReports {
  /** Records that the report was exported, then streams it: CSV, a line for each item. @throws DomainError `not_found` */
  csv(
    by: Authority,
    review: string,
  ): Promise<{ readonly title: string; readonly csv: AsyncIterable<string> }>;
}

const HEADER = [
  'subject_type',
  'subject_id',
  'subject_name',
  'user_name',
  'user_email',
  'status',
  'role',
  'effective_role',
  'groups',
  'last_login_at',
  'last_active_at',
  'unused_rights',
  'risk',
  'suggestion',
  'reasons',
  'decision',
  'new_role',
  'removed_group',
  'note',
  'decided_by_name',
  'decided_by_email',
  'decided_at',
];

/** Builds it. */
export function createReviewReports({ db, runner }: CommandDependencies): ReviewReports {
  return {
    csv: async (by, id) => {
      requireWholeOrganization(by, 'reviews:decide');
      const review = await findReview(db, by.org, id);
      if (review === undefined) throw notFound('review');
      await runner.withoutLock(by.org, by.origin, async ({ recordEvent }) => {
        recordEvent({ action: 'review.report_exported', target: ['review', id] });
      });
      return { title: review.title, csv: writeCsv(allItems(db, by.org, id), HEADER, toCells) };
    },
  };
}

function toCells(item: ListedItem) {
  const { snapshot, user, decider } = item;
  const role = item.suggestedRole === null ? item.suggestion : `${item.suggestion} ${item.suggestedRole}`;
  const removed = snapshot.groups.find(({ id }) => id === item.before?.['group']);
  return [
    item.subjectType,
    item.subjectId,
    item.subjectName ?? user?.name,
    user?.name,
    user?.email,
    snapshot.status,
    snapshot.role,
    snapshot.effectiveRole,
    snapshot.groups.map(({ name, inGroupRole }) => `${name} (${inGroupRole})`).join('; '),
    snapshot.lastLoginAt,
    snapshot.lastActiveAt,
    snapshot.rights?.unused.join(' '),
    item.risk,
    role,
    item.reasons.join(' '),
    item.decision,
    item.decision === 'change_role' ? String(item.after?.['role'] ?? '') : '',
    item.decision === 'remove_group' ? (removed?.name ?? String(item.before?.['group'] ?? '')) : '',
    item.note,
    decider?.name,
    decider?.email,
    item.decidedAt,
  ];
}
