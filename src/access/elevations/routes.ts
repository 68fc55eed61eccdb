import { z } from 'zod';
import { ROLES } from '../../directory/roles/rules/roles.ts';
import { actorReference, userReference } from '../../rest/references.ts';
import { type Route, type RouteAnswer, route } from '../../rest/route.ts';
import {
  idCursor,
  instant,
  page,
  pageById,
  pageOf,
  readCursor,
  reason,
  role,
  time,
} from '../../rest/shapes.ts';
import type { ElevationCommands, ElevationIntent } from './commands.ts';
import { ELEVATION_STATES, type Elevation, type ElevationQueries } from './queries.ts';

export interface ElevationRouteDependencies {
  readonly elevations: ElevationCommands;
  readonly elevationQueries: ElevationQueries;
}

const elevationShape = z
  .object({
    id: z.string(),
    user: userReference,
    role: z.enum(ROLES),
    state: z.enum(ELEVATION_STATES),
    justification: z.string(),
    ticket: z.string().nullable(),
    durationMinutes: z.int(),
    requestedBy: actorReference,
    decidedBy: actorReference.nullable(),
    createdAt: time,
    startsAt: time.nullable(),
    expiresAt: time.nullable(),
    endedAt: time.nullable().meta({ description: 'When it ended before its time.' }),
  })
  .meta({ id: 'Elevation' });

function presentElevation(row: Elevation): z.input<typeof elevationShape> {
  return {
    id: row.id,
    user: { id: row.user, email: row.email, name: row.name },
    role: row.role,
    state: row.state,
    justification: row.justification,
    ticket: row.ticket,
    durationMinutes: row.minutes,
    requestedBy: row.requester,
    decidedBy: row.decider,
    createdAt: row.createdAt,
    startsAt: row.startsAt,
    expiresAt: row.expiresAt,
    endedAt: row.endedAt,
  };
}

const intentShape = z
  .strictObject({
    role,
    durationMinutes: z.int('must be a number of minutes.').min(1, 'must be at least 1 minute.').optional(),
    expiresAt: instant.optional(),
    justification: reason.default('').meta({ description: 'Why, in at least 10 characters.' }),
    ticket: z.string().trim().max(200, 'must have 200 characters or fewer.').optional(),
  })
  .refine(({ durationMinutes, expiresAt }) => durationMinutes === undefined || expiresAt === undefined, {
    path: ['expiresAt'],
    message: 'Send durationMinutes or expiresAt, not both.',
  });

function readIntent(body: z.output<typeof intentShape>): ElevationIntent {
  const { role: wanted, durationMinutes, expiresAt, justification, ticket } = body;
  const until =
    durationMinutes !== undefined
      ? { minutes: durationMinutes }
      : expiresAt !== undefined
        ? { expiresAt }
        : undefined;
  return { role: wanted, until, justification, ticket: ticket || undefined };
}

const intentErrors = [
  'justification_required',
  'too_long',
  'in_the_past',
  'not_higher',
  'target_inactive',
  'training_required',
] as const;

/** A higher role for a while, with the reason for it (R132 to R134). */
export function elevationRoutes({ elevations, elevationQueries }: ElevationRouteDependencies): Route[] {
  const tag = 'Elevations';
  const params = { id: 'elevation' } as const;
  const answers = { 200: elevationShape };
  const why = z.strictObject({ reason: reason.optional() });
  const answer = async <Status extends 200 | 201>(
    status: Status,
    by: Parameters<ElevationQueries['get']>[0],
    id: string,
  ): Promise<RouteAnswer<Status>> => ({ status, body: presentElevation(await elevationQueries.get(by, id)) });
  const answerPage = (rows: readonly Elevation[], limit: number): RouteAnswer<200> => ({
    status: 200,
    body: pageById(rows, limit, presentElevation),
  });
  return [
    route({
      method: 'GET',
      path: '/users/{id}/elevations',
      tag,
      summary: 'List the elevations of a user',
      access: 'users:read',
      params: { id: 'user' },
      query: z.strictObject(page),
      answers: { 200: pageOf(elevationShape) },
      handle: async ({ by, params: { id }, query: { limit, cursor } }) => {
        const after = readCursor(cursor, idCursor);
        return answerPage(await elevationQueries.ofUser(by, id, { after, limit: limit + 1 }), limit);
      },
    }),
    route({
      method: 'POST',
      path: '/users/{id}/elevations',
      tag,
      summary: 'Give a user a temporary higher role',
      description: '8 hours by default, 24 at most. It takes effect immediately and ends automatically.',
      access: 'roles:assign',
      params: { id: 'user' },
      body: intentShape,
      answers: { 201: elevationShape },
      errors: [...intentErrors, 'role_above_limit', 'self_change'],
      handle: async ({ by, params: { id }, body }) =>
        answer(201, by, await elevations.grant(by, id, readIntent(body))),
    }),
    route({
      method: 'GET',
      path: '/me/elevations',
      tag,
      summary: 'List your own elevations and requests',
      access: 'signed in',
      query: z.strictObject(page),
      answers: { 200: pageOf(elevationShape) },
      handle: async ({ by, query: { limit, cursor } }) => {
        const after = readCursor(cursor, idCursor);
        return answerPage(await elevationQueries.own(by, { after, limit: limit + 1 }), limit);
      },
    }),
    route({
      method: 'POST',
      path: '/me/elevations',
      tag,
      summary: 'Ask for a higher role for yourself',
      description:
        'It begins once another administrator approves it, or immediately if the setting elevationApproval allows that; requested with an API key, it always needs an approval.',
      access: 'elevation:request',
      body: intentShape,
      answers: { 201: elevationShape },
      errors: [...intentErrors, 'too_many'],
      handle: async ({ by, body }) => answer(201, by, await elevations.request(by, readIntent(body))),
    }),
    route({
      method: 'GET',
      path: '/elevations',
      tag,
      summary: 'List elevations',
      description: 'Elevations of the users that you may see, the newest first.',
      access: 'users:read',
      query: z.strictObject({
        state: z
          .enum(ELEVATION_STATES, { error: `must be one of ${ELEVATION_STATES.join(', ')}.` })
          .optional(),
        ...page,
      }),
      answers: { 200: pageOf(elevationShape) },
      handle: async ({ by, query: { state, limit, cursor } }) => {
        const after = readCursor(cursor, idCursor);
        return answerPage(await elevationQueries.list(by, state, { after, limit: limit + 1 }), limit);
      },
    }),
    route({
      method: 'POST',
      path: '/elevations/{id}/approve',
      tag,
      summary: 'Approve a request for a higher role',
      access: 'elevation:approve',
      params,
      answers,
      errors: [
        'not_pending',
        'self_approval',
        'role_above_limit',
        'not_higher',
        'target_inactive',
        'training_required',
      ],
      handle: async ({ by, params: { id } }) => {
        await elevations.approve(by, id);
        return answer(200, by, id);
      },
    }),
    route({
      method: 'POST',
      path: '/elevations/{id}/reject',
      tag,
      summary: 'Reject a request for a higher role',
      access: 'elevation:approve',
      params,
      body: why,
      answers,
      errors: ['not_pending', 'self_approval'],
      handle: async ({ by, params: { id }, body }) => {
        await elevations.reject(by, id, body.reason);
        return answer(200, by, id);
      },
    }),
    route({
      method: 'POST',
      path: '/elevations/{id}/cancel',
      tag,
      summary: 'Take your own request back',
      access: 'elevation:request',
      params,
      answers,
      errors: ['not_pending'],
      handle: async ({ by, params: { id } }) => {
        await elevations.cancel(by, id);
        return answer(200, by, id);
      },
    }),
    route({
      method: 'POST',
      path: '/elevations/{id}/revoke',
      tag,
      summary: 'End an elevation now',
      description: 'For users who may approve, users who may give the role, and the user who has it.',
      access: 'signed in',
      params,
      body: why,
      answers,
      errors: ['expired', 'role_above_limit'],
      handle: async ({ by, params: { id }, body }) => {
        await elevations.revoke(by, id, body.reason);
        return answer(200, by, id);
      },
    }),
  ];
}
