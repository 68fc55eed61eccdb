import { z } from 'zod';
import { ROLES } from '../../directory/roles/rules/roles.ts';
import { presentUser, userReference } from '../../rest/references.ts';
import { time } from '../../rest/shapes.ts';
import { undecidedOf } from '../notices.ts';
import type { SeenItem, SeenReview } from '../queries.ts';
import {
  DECISIONS,
  REVIEW_STATES,
  RISKS,
  reviewersShape,
  SUBJECT_TYPES,
  scopeShape,
  UNDECIDED,
} from '../review.ts';

/** How reviews and their items look on the wire. */

const role = z.enum(ROLES);

export const reviewShape = z
  .object({
    id: z.string(),
    title: z.string(),
    state: z.enum(REVIEW_STATES).meta({
      description:
        'opening: its items are being collected, progress says how far; open: reviewers decide; closed.',
    }),
    scope: z.object(scopeShape.shape).meta({ description: 'Whom it is about.' }),
    reviewers: z.object(reviewersShape.shape).meta({ description: 'Who reviews.' }),
    inactiveDays: z.int().meta({ description: 'Days without activity after which a user is inactive.' }),
    undecided: z.enum(UNDECIDED).meta({
      description:
        'What happens to undecided items when the review closes: leave (undecided) or keep. Access does not change.',
    }),
    scheduledFor: z
      .string()
      .nullable()
      .meta({ description: 'The first day of its period; null unless scheduled.' }),
    createdAt: time,
    createdBy: userReference.nullable().meta({ description: 'Null for the schedule.' }),
    openedAt: time.nullable(),
    dueAt: time,
    closedAt: time.nullable(),
    closedBy: userReference.nullable(),
    remindedAt: time.nullable().meta({ description: 'When an administrator last reminded the reviewers.' }),
    progress: z.object({
      expected: z.int().meta({ description: 'Items that there will be, while they are collected.' }),
      items: z.int(),
      decided: z.int(),
      undecided: z.int(),
      keep: z.int(),
      changeRole: z.int(),
      removeGroup: z.int(),
      deactivate: z.int(),
      percent: z.int().meta({ description: 'Of the items decided; while opening, of the items collected.' }),
    }),
    mine: z
      .object({ items: z.int(), undecided: z.int() })
      .meta({ description: 'What you have to decide in it.' }),
  })
  .meta({ id: 'Review' });

export function presentReview(review: SeenReview): z.input<typeof reviewShape> {
  const undecided = undecidedOf(review);
  const decided = review.items - undecided;
  return {
    id: review.id,
    title: review.title,
    state: review.state,
    scope: review.scope,
    reviewers: review.reviewers,
    inactiveDays: review.inactiveDays,
    undecided: review.undecided,
    scheduledFor: review.scheduledFor,
    createdAt: review.createdAt,
    createdBy: review.creator === null ? null : presentUser(review.creator),
    openedAt: review.openedAt,
    dueAt: review.dueAt,
    closedAt: review.closedAt,
    closedBy: review.closer === null ? null : presentUser(review.closer),
    remindedAt: review.remindedAt,
    progress: {
      expected: review.expected,
      items: review.items,
      decided,
      undecided,
      keep: review.kept,
      changeRole: review.rolesChanged,
      removeGroup: review.groupsRemoved,
      deactivate: review.deactivated,
      percent:
        review.state === 'opening' ? percent(review.items, review.expected) : percent(decided, review.items),
    },
    mine: review.mine,
  };
}

const percent = (part: number, whole: number): number =>
  whole === 0 ? 100 : Math.min(100, Math.floor((part / whole) * 100));

export const itemShape = z
  .object({
    id: z.string(),
    subject: z.object({
      type: z.enum(SUBJECT_TYPES),
      id: z.string(),
      name: z.string().nullable().meta({ description: 'What it is called today; null once it is erased.' }),
      email: z.string().nullable().meta({ description: 'Of users.' }),
    }),
    user: userReference.nullable().meta({ description: 'The user whom it is about, or who answers for it.' }),
    takenAt: time.meta({ description: 'When all of the following was as it is here.' }),
    status: z.string(),
    role: role.nullable(),
    effectiveRole: role.nullable(),
    owner: z.boolean(),
    source: z.string().nullable(),
    managed: z.boolean().meta({ description: 'Whether a directory provisions the user.' }),
    groups: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        inGroupRole: z.enum(['member', 'manager']),
        role: role.nullable().meta({ description: 'The role that the group carries.' }),
        sources: z.array(z.string()).meta({ description: 'What put the user into the group.' }),
      }),
    ),
    grants: z
      .array(
        z.object({
          group: z.string(),
          resourceType: z.string(),
          resource: z.string().nullable(),
          resourceName: z
            .string()
            .nullable()
            .meta({ description: 'What the resource was called then; null for a grant by tag.' }),
          tag: z.string().nullable(),
          level: z.enum(['use', 'edit', 'manage']),
        }),
      )
      .meta({ description: 'What the groups give on resources; at most 50.' }),
    elevations: z
      .array(
        z.object({
          id: z.string(),
          role,
          startsAt: time,
          expiresAt: time,
          justification: z.string().nullable(),
        }),
      )
      .meta({ description: 'Temporary roles of the last 90 days.' }),
    createdAt: time.nullable(),
    expiresAt: time.nullable().meta({ description: 'Of API keys.' }),
    lastLoginAt: time.nullable(),
    lastActiveAt: time.nullable().meta({ description: 'Of a service account or key its last use.' }),
    activityEvents: z.int().nullable().meta({
      description: 'Activity of the last 90 days that applications reported; 0 also where none reports any.',
    }),
    rights: z
      .object({
        used: z.array(z.object({ permission: z.string(), lastAt: time })),
        unused: z.array(z.string()),
        unknown: z.array(z.string()).meta({ description: 'Their use leaves no trace.' }),
      })
      .nullable()
      .meta({ description: 'Rights beyond those of everybody, by what the audit trail of 90 days shows.' }),
    scopes: z.array(z.string()).nullable().meta({ description: 'Of API keys.' }),
    risk: z.enum(RISKS),
    suggestion: z.object({
      decision: z.enum(DECISIONS),
      role: role.nullable(),
      group: z.string().nullable(),
      reasons: z.array(z.string()),
    }),
    reviewers: z
      .array(userReference)
      .meta({ description: 'Who is asked; empty for items that any administrator decides.' }),
    mayDecide: z.boolean().meta({ description: 'False for what is about yourself.' }),
    decision: z.enum(DECISIONS).nullable(),
    decidedBy: userReference
      .nullable()
      .meta({ description: 'Null also where the close of the review kept it.' }),
    decidedAt: time.nullable(),
    note: z.string().nullable(),
    before: z.record(z.string(), z.unknown()).nullable(),
    after: z.record(z.string(), z.unknown()).nullable(),
    earlier: z
      .object({
        review: z.string(),
        title: z.string(),
        decision: z.enum(DECISIONS),
        decidedAt: time,
        decidedBy: userReference.nullable(),
      })
      .nullable()
      .meta({ description: 'What was decided about the user the last time.' }),
  })
  .meta({ id: 'ReviewItem' });

export function presentItem(item: SeenItem): z.input<typeof itemShape> {
  const { snapshot, user, earlier } = item;
  const isUser = item.subjectType === 'user';
  return {
    id: item.id,
    subject: {
      type: item.subjectType,
      id: item.subjectId,
      name: isUser ? (user?.name ?? null) : item.subjectName,
      email: isUser ? (user?.email ?? null) : null,
    },
    user: user === null ? null : presentUser(user),
    takenAt: item.takenAt,
    status: snapshot.status,
    role: snapshot.role,
    effectiveRole: snapshot.effectiveRole,
    owner: snapshot.owner,
    source: snapshot.source ?? null,
    managed: snapshot.managed,
    groups: snapshot.groups.map((group) => ({ ...group, sources: [...group.sources] })),
    grants: snapshot.grants.map((grant) => ({ ...grant, resourceName: grant.resourceName ?? null })),
    elevations: snapshot.elevations.map((elevation) => ({
      ...elevation,
      justification: item.justifications.get(elevation.id) ?? null,
    })),
    // What an erasure took out is not there at all.
    createdAt: snapshot.createdAt ?? null,
    expiresAt: snapshot.expiresAt,
    lastLoginAt: snapshot.lastLoginAt ?? null,
    lastActiveAt: snapshot.lastActiveAt ?? null,
    activityEvents: snapshot.activityEvents ?? null,
    rights:
      snapshot.rights === null || snapshot.rights === undefined
        ? null
        : {
            used: [...snapshot.rights.used],
            unused: [...snapshot.rights.unused],
            unknown: [...snapshot.rights.unknown],
          },
    scopes: snapshot.scopes === null ? null : [...snapshot.scopes],
    risk: item.risk,
    suggestion: {
      decision: item.suggestion,
      role: item.suggestedRole,
      group: item.suggestedGroup,
      reasons: [...item.reasons],
    },
    reviewers: item.reviewerNames.map(presentUser),
    mayDecide: !item.isOwn,
    decision: item.decision,
    decidedBy: item.decider === null ? null : presentUser(item.decider),
    decidedAt: item.decidedAt,
    note: item.note,
    before: item.before,
    after: item.after,
    earlier:
      earlier === undefined
        ? null
        : {
            review: earlier.review,
            title: earlier.title,
            decision: earlier.decision,
            decidedAt: earlier.decidedAt,
            decidedBy: earlier.decider === null ? null : presentUser(earlier.decider),
          },
  };
}
