import { z } from 'zod';
import { force } from '../../directory/users/routes/change.ts';
import { type Route, route } from '../../rest/route.ts';
import {
  bulkResult,
  flag,
  groupId,
  id as idShape,
  nameOrAddress,
  page,
  pageBy,
  pageOf,
  readCursor,
  reason,
  role,
  several,
} from '../../rest/shapes.ts';
import { type BulkItems, MOST_ITEMS, type ReviewDecisions } from '../decisions.ts';
import type { ReviewQueries } from '../queries.ts';
import { DECISIONS, RISKS, SUBJECT_TYPES } from '../review.ts';
import { itemShape, presentItem } from './shapes.ts';

const itemCursor = z.object({ risk: z.enum(RISKS), id: z.uuid() });

const part = {
  role: role.optional().meta({ description: 'The role that it is to be; of change_role.' }),
  groupId: groupId
    .optional()
    .meta({ description: 'The group to leave; of remove_group, by default the suggested one.' }),
  note: reason
    .optional()
    .meta({ description: 'Why, for the audit trail; required to keep access of a high risk.' }),
};
const hasRole = ({ decision, role: given }: { readonly decision: string; readonly role?: unknown }) =>
  decision !== 'change_role' || given !== undefined;
const ROLE_MISSING = { path: ['role'], message: 'Invalid role' };

const decisionBody = z.strictObject({ decision: z.enum(DECISIONS), ...part }).refine(hasRole, ROLE_MISSING);

const bulkBody = z
  .strictObject({
    decision: z
      .enum([...DECISIONS, 'suggested'])
      .meta({ description: 'suggested: for each item what is suggested for it.' }),
    ...part,
    items: z
      .array(idShape)
      .min(1, 'Name at least one item.')
      .max(MOST_ITEMS, 'At most 1,000 items per request.')
      .optional()
      .meta({ description: 'Ids of items; instead of select.' }),
    select: z
      .strictObject({
        risk: z.enum(RISKS).optional(),
        suggestion: z.enum(DECISIONS).optional(),
        subjectType: z.enum(SUBJECT_TYPES).optional(),
        mine: z.boolean().default(false).meta({ description: 'Only items of which you are the reviewer.' }),
        after: idShape.optional().meta({ description: 'The next of the answer before.' }),
      })
      .optional()
      .meta({
        description: 'All undecided items that have this in common, 1,000 at a time; instead of items.',
      }),
  })
  .refine(hasRole, ROLE_MISSING)
  .refine(({ items, select }) => (items === undefined) !== (select === undefined), {
    path: ['items'],
    message: 'Give either items or select.',
  });

function itemsOf({ items = [], select }: z.output<typeof bulkBody>): BulkItems {
  if (select === undefined) return { ids: items };
  const { risk, suggestion, subjectType, mine, after } = select;
  return { choice: { risk, suggestion, subjectType, mine, after } };
}

/** What a decision may be refused for. */
const refusals = [
  'closed',
  'not_open',
  'self_review',
  'already_decided',
  'reason_required',
  'not_applicable',
  'managed_by_directory',
  'member_by_pattern',
  'self_change',
  'role_above_limit',
  'training_required',
  'last_owner',
  'already_inactive',
  'conflict',
  'group_not_found',
  'unknown_owner',
] as const;

/** The items of access reviews: what is known of each user, and what reviewers decide (R127 to R130, R134). */
export function reviewItemRoutes({
  reviewQueries: queries,
  reviewDecisions: decisions,
}: {
  readonly reviewQueries: ReviewQueries;
  readonly reviewDecisions: ReviewDecisions;
}): Route[] {
  const tag = 'Reviews';
  const access = 'reviews:decide';
  const params = { id: 'review', itemId: 'review_item' } as const;
  return [
    route({
      method: 'GET',
      path: '/reviews/{id}/items',
      tag,
      summary: 'List the items of an access review',
      description: 'The riskiest first. Who manages groups sees the items of which they are the reviewer.',
      access,
      params: { id: 'review' },
      query: z.strictObject({
        ...page,
        decided: flag.optional().meta({ description: 'Only decided items, or only undecided ones.' }),
        decision: several(z.enum(DECISIONS)),
        risk: several(z.enum(RISKS)),
        suggestion: several(z.enum(DECISIONS)),
        subjectType: several(z.enum(SUBJECT_TYPES)),
        reviewer: idShape.optional().meta({ description: 'Only items of the reviewer with that id.' }),
        mine: flag.default(false).meta({ description: 'Only items that you are asked to decide.' }),
        q: nameOrAddress,
      }),
      answers: { 200: pageOf(itemShape) },
      handle: async ({ by, params: { id }, query: { limit, cursor, q, ...query } }) => {
        const filter = {
          decided: query.decided,
          decisions: query.decision,
          risks: query.risk,
          suggestions: query.suggestion,
          subjectTypes: query.subjectType,
          reviewer: query.reviewer,
          text: q,
          mine: query.mine,
        };
        const rows = await queries.items(by, id, filter, {
          after: readCursor(cursor, itemCursor),
          limit: limit + 1,
        });
        return {
          status: 200,
          body: pageBy(rows, limit, presentItem, ({ risk, id: last }) => ({ risk, id: last })),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/reviews/{id}/items/{itemId}',
      tag,
      summary: 'Read an item of an access review',
      access,
      params,
      answers: { 200: itemShape },
      handle: async ({ by, params: { id, itemId } }) => ({
        status: 200,
        body: presentItem(await queries.item(by, id, itemId)),
      }),
    }),
    route({
      method: 'PUT',
      path: '/reviews/{id}/items/{itemId}',
      tag,
      summary: 'Decide about an item',
      description:
        'Takes effect immediately, with the rights and rules of the routes that change roles, groups and status. deactivate disables a service account, and revokes an API key for good. What is refused leaves the item undecided.',
      access,
      params,
      query: force,
      body: decisionBody,
      answers: { 200: itemShape },
      errors: refusals,
      handle: async ({
        by,
        params: { id, itemId },
        query,
        body: { decision, role: to, groupId: group, note },
      }) => {
        await decisions.decide(by, id, itemId, { decision, role: to, group, note, force: query.force });
        return { status: 200, body: presentItem(await queries.item(by, id, itemId)) };
      },
    }),
    route({
      method: 'POST',
      path: '/reviews/{id}/items/{itemId}/undo',
      tag,
      summary: 'Undo a decision',
      description:
        'Restores what was before, until the review is closed: role, membership (as one given by hand), account with its groups and keys. Refused if it was changed since, and for revoked keys.',
      access,
      params,
      answers: { 200: itemShape },
      errors: [
        ...refusals,
        'not_decided',
        'changed_since',
        'cannot_undo',
        'manager_needs_configure',
        'not_inactive',
      ],
      handle: async ({ by, params: { id, itemId } }) => {
        await decisions.undo(by, id, itemId);
        return { status: 200, body: presentItem(await queries.item(by, id, itemId)) };
      },
    }),
    route({
      method: 'POST',
      path: '/reviews/{id}/items/bulk',
      tag,
      summary: 'Decide about several items',
      description:
        'Each item by itself, with a result of its own; one that is refused does not stop the others. Where next is an id, send the same again with it as select.after.',
      access,
      params: { id: 'review' },
      query: force,
      body: bulkBody,
      answers: {
        200: z.object({
          results: z.array(bulkResult),
          next: z.string().nullable().meta({ description: 'Where the selection goes on; null at its end.' }),
        }),
      },
      handle: async ({ by, params: { id }, query, body }) => {
        const { decision, role: to, groupId: group, note } = body;
        const intent = { decision, role: to, group, note, force: query.force };
        const { results, next } = await decisions.decideAll(by, id, itemsOf(body), intent);
        return { status: 200, body: { results: [...results], next: next ?? null } };
      },
    }),
  ];
}
