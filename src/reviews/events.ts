import { z } from 'zod';
import { declareEvents } from '../audit/declaration.ts';

const review = { target: 'review' } as const;
const aboutItem = {
  ...review,
  member: ['user', 'service_account', 'api_key'],
  values: {
    item: z.string(),
    decision: z.string(),
    role: z.string(),
    group: z.string(),
    status: z.string(),
    key: z.string(),
  },
} as const;

/** What happens in access reviews. */
export const reviewEvents = declareEvents({
  'review.created': {
    ...review,
    values: { title: z.string(), scheduledFor: z.string(), dueAt: z.string(), reviewers: z.string() },
    sentence: '{actor} started the access review {target}[, due on {dueAt}]',
    meaning:
      'An access review was started, by an administrator or by the schedule; its items are being collected.',
  },
  'review.opened': {
    ...review,
    values: { items: z.int() },
    sentence: 'The access review {target} was opened[ with {items, item}]',
    meaning: 'All items of an access review are there, and reviewers can decide.',
  },
  'review.item_decided': {
    ...aboutItem,
    reason: true,
    sentence: '{actor} decided about {member} in the access review {target}[: {decision.words}]',
    meaning: 'A reviewer decided about an item; what the decision changed has events of its own.',
  },
  'review.decision_undone': {
    ...aboutItem,
    sentence:
      '{actor} took back the decision about {member} in the access review {target}[: {decision.before}]',
    meaning: 'A decision was undone and what it had changed was restored.',
  },
  'review.reminded': {
    ...review,
    values: { notice: z.string(), reviewers: z.int(), undecided: z.int() },
    sentence: '{actor} reminded {reviewers, reviewer} of the access review {target}',
    meaning: 'Reviewers with undecided items were mailed.',
  },
  'review.escalated': {
    ...review,
    values: { reviewers: z.int(), undecided: z.int() },
    sentence: 'The access review {target} is overdue[ with {undecided, undecided item}]',
    meaning: 'The review is overdue; its reviewers and the owners were mailed.',
  },
  'review.reassigned': {
    ...review,
    member: 'user',
    values: { items: z.int() },
    sentence: '{member} can no longer review[ {items, item}] in the access review {target}: others decide',
    meaning:
      'A reviewer left or lost the right; their undecided items are for the remaining reviewers, or for administrators.',
  },
  'review.closed': {
    ...review,
    values: { decided: z.int(), undecided: z.int(), undecidedAs: z.string() },
    sentence: '{actor} closed the access review {target}[ with {undecided, undecided item}]',
    meaning: 'The review is closed: nothing of it can be decided or undone any more.',
  },
  'review.report_exported': {
    ...review,
    sentence: '{actor} exported the report of the access review {target}',
    meaning: 'The report of an access review was downloaded.',
  },
});
