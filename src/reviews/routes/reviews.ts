import { z } from 'zod';
import { downloadHeaders } from '../../rest/download.ts';
import { presentUser, userReference } from '../../rest/references.ts';
import { type Route, route } from '../../rest/route.ts';
import {
  flag,
  idCursor,
  line,
  page,
  pageBy,
  pageById,
  pageOf,
  readCursor,
  several,
  time,
} from '../../rest/shapes.ts';
import type { ReviewCommands } from '../commands.ts';
import type { ReviewQueries } from '../queries.ts';
import type { ReviewReports } from '../report.ts';
import { REVIEW_STATES, reviewersShape, scopeShape, UNDECIDED } from '../review.ts';
import { presentReview, reviewShape } from './shapes.ts';

export interface ReviewDependencies {
  readonly reviews: ReviewCommands;
  readonly reviewQueries: ReviewQueries;
  readonly reviewReports: ReviewReports;
  readonly now: () => Date;
}

const newReview = z.strictObject({
  title: line.optional().meta({ description: 'What it is called; by default the day and the scope.' }),
  scope: scopeShape.default({ users: true, privileged: false, programs: false }),
  reviewers: reviewersShape.default({ rule: 'managers' }),
  daysUntilDue: z.int().min(1).max(90).default(21),
  inactiveDays: z.int().min(1).max(3_650).default(90),
  undecided: z.enum(UNDECIDED).default('leave'),
});

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Whole access reviews (R126). */
export function reviewRoutes({
  reviews,
  reviewQueries: queries,
  reviewReports,
  now,
}: ReviewDependencies): Route[] {
  const tag = 'Reviews';
  const access = 'reviews:decide';
  const params = { id: 'review' } as const;
  return [
    route({
      method: 'GET',
      path: '/reviews',
      tag,
      summary: 'List access reviews',
      description:
        'The newest first, each with its progress and with what you have to decide. Who manages groups sees the reviews in which they have items.',
      access,
      query: z.strictObject({
        ...page,
        state: several(z.enum(REVIEW_STATES)),
        mine: flag.default(false).meta({ description: 'Only reviews in which you have items.' }),
      }),
      answers: {
        200: pageOf(reviewShape).extend({
          nextScheduledAt: time
            .nullable()
            .meta({ description: 'When the schedule opens its next review; null while it is off.' }),
        }),
      },
      handle: async ({ by, query: { limit, cursor, state, mine } }) => {
        const place = { after: readCursor(cursor, idCursor), limit: limit + 1 };
        const rows = await queries.list(by, { states: state, mine }, place);
        const nextScheduledAt = (await queries.nextScheduled(by)) ?? null;
        return { status: 200, body: { ...pageById(rows, limit, presentReview), nextScheduledAt } };
      },
    }),
    route({
      method: 'POST',
      path: '/reviews',
      tag,
      summary: 'Start an access review',
      description:
        'A job collects its items; its progress says how far it is. Reviewers are mailed once all are there. The setting reviewSchedule starts reviews by themselves.',
      access,
      body: newReview,
      location: true,
      answers: { 202: reviewShape },
      errors: ['group_not_found', 'unknown_reviewer'],
      handle: async ({ by, body }) => {
        const id = await reviews.start(by, { ...body, title: body.title });
        return {
          status: 202,
          body: presentReview(await queries.get(by, id)),
          headers: { Location: `/api/v1/reviews/${id}` },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/reviews/{id}',
      tag,
      summary: 'Read an access review',
      access,
      params,
      answers: { 200: reviewShape },
      handle: async ({ by, params: { id } }) => ({
        status: 200,
        body: presentReview(await queries.get(by, id)),
      }),
    }),
    route({
      method: 'GET',
      path: '/reviews/{id}/reviewers',
      tag,
      summary: 'List the reviewers of an access review',
      description: 'What each has to decide. Items without a reviewer of their own are any administrator’s.',
      access,
      params,
      query: z.strictObject(page),
      answers: {
        200: pageOf(
          z
            .object({
              reviewer: userReference.nullable().meta({ description: 'Null for any administrator.' }),
              items: z.int(),
              undecided: z.int(),
            })
            .meta({ id: 'ReviewerProgress' }),
        ),
      },
      handle: async ({ by, params: { id }, query: { limit, cursor } }) => {
        const rows = await queries.reviewers(by, id, {
          after: readCursor(cursor, idCursor),
          limit: limit + 1,
        });
        return {
          status: 200,
          body: pageBy(
            rows,
            limit,
            ({ reviewer, ...counts }) => ({ reviewer: reviewer && presentUser(reviewer), ...counts }),
            ({ reviewer }) => reviewer?.id ?? FIRST_ID,
          ),
        };
      },
    }),
    route({
      method: 'POST',
      path: '/reviews/{id}/remind',
      tag,
      summary: 'Remind the reviewers of an access review',
      description: 'Mails everybody who has something to decide; once in 24 hours.',
      access,
      params,
      answers: {
        200: z.object({
          reviewers: z.int().meta({ description: 'How many were mailed.' }),
          undecided: z.int(),
        }),
      },
      errors: ['closed', 'not_open', 'throttled'],
      handle: async ({ by, params: { id } }) => {
        const { reviewers, undecided } = await reviews.remind(by, id);
        return { status: 200, body: { reviewers: reviewers.length, undecided } };
      },
    }),
    route({
      method: 'POST',
      path: '/reviews/{id}/close',
      tag,
      summary: 'Close an access review',
      description:
        'Nothing can be decided or undone afterwards. Undecided items change no access: they stay undecided, or are recorded as kept, as the review says.',
      access,
      params,
      answers: { 200: reviewShape },
      errors: ['closed', 'not_open'],
      handle: async ({ by, params: { id } }) => {
        await reviews.close(by, id);
        return { status: 200, body: presentReview(await queries.get(by, id)) };
      },
    }),
    route({
      method: 'GET',
      path: '/reviews/{id}/report.csv',
      tag,
      summary: 'Download the report of an access review',
      description: 'A line for each item. The download is an event.',
      access,
      params,
      answers: { 200: { content: 'text/csv' } },
      handle: async ({ by, params: { id } }) => {
        const { title, csv } = await reviewReports.csv(by, id);
        return {
          status: 200,
          content: csv,
          headers: downloadHeaders('csv', `report of ${title}`, now().toISOString()),
        };
      },
    }),
  ];
}
