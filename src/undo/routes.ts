import { z } from 'zod';
import { userReference } from '../rest/references.ts';
import { type Route, route } from '../rest/route.ts';
import {
  connectionId,
  id,
  idCursor,
  instant,
  page,
  pageBy,
  pageOf,
  proof,
  readCursor,
  reason,
  time,
} from '../rest/shapes.ts';
import type { SignInCommands } from '../sign-in/commands.ts';
import type { BatchInput } from './batch.ts';
import type { UndoCommands } from './commands.ts';
import { presentItem, presentUndo } from './present.ts';
import type { UndoQueries } from './queries.ts';
import { ITEM_RESULTS } from './rules/plan.ts';
import { ITEM_KINDS } from './rules/transitions.ts';

const batchBody = z
  .strictObject({
    connectionId: connectionId.optional(),
    from: instant.optional().meta({ description: 'When the changes of the connection begin.' }),
    to: instant.optional().meta({ description: 'When they end.' }),
    importId: id.optional(),
    requestId: z
      .string()
      .max(100)
      .optional()
      .meta({ description: 'The X-Request-Id of the answer to a bulk action.' }),
    undoId: id.optional(),
  })
  .refine(
    ({ connectionId: connection, importId, requestId, undoId }) =>
      [connection, importId, requestId, undoId].filter((each) => each !== undefined).length === 1,
    { path: ['connectionId'], message: 'Name one of connectionId, importId, requestId and undoId.' },
  )
  .refine(
    ({ connectionId: connection, from, to }) =>
      connection === undefined || (from !== undefined && to !== undefined),
    {
      path: ['from'],
      message: 'Of a connection name the span: "from" and "to".',
    },
  );

function toBatch({
  connectionId: connection,
  from,
  to,
  importId,
  requestId,
  undoId,
}: z.output<typeof batchBody>): BatchInput {
  if (connection !== undefined) return { connectionId: connection, from: from ?? '', to: to ?? '' };
  if (importId !== undefined) return { importId };
  if (undoId !== undefined) return { undoId };
  return { requestId: requestId ?? '' };
}

const countsShape = z.object({
  activated: z.int(),
  deactivated: z.int(),
  restored: z.int(),
  deleted: z.int(),
  roles: z.int(),
  profiles: z.int(),
  membershipsRestored: z.int(),
  membershipsEnded: z.int(),
  groupsRestored: z.int(),
  groupsDeleted: z.int(),
  others: z.int(),
  undo: z.int(),
  skip: z.int(),
  failed: z.int(),
});

const undoShape = z
  .object({
    id: z.string(),
    state: z.enum(['preview', 'running', 'done']),
    batch: z.object({
      kind: z
        .enum(['connection', 'import', 'request', 'undo'])
        .meta({ description: 'What made the changes.' }),
      id: z.string().meta({ description: 'The id of the connection, the import, the request or the undo.' }),
      name: z.string().nullable(),
      from: time.meta({ description: 'When its changes begin.' }),
      to: time.meta({ description: 'When they end.' }),
    }),
    counts: countsShape,
    summary: z.array(z.string()),
    notes: z.array(z.string()),
    progress: z.object({ done: z.int(), total: z.int() }),
    token: z
      .string()
      .nullable()
      .meta({ description: 'Confirms what this preview shows, and nothing else; null once it was started.' }),
    createdBy: userReference.nullable(),
    createdAt: time,
    expiresAt: time,
    confirmedAt: time.nullable(),
    finishedAt: time.nullable(),
  })
  .meta({ id: 'Undo' });

const itemShape = z
  .object({
    number: z.int(),
    kind: z.enum(ITEM_KINDS).meta({ description: 'What of the user or group is concerned.' }),
    user: userReference.nullable(),
    group: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
    at: time.meta({ description: 'When the batch did it.' }),
    did: z.string(),
    will: z.string().nullable(),
    result: z
      .enum(ITEM_RESULTS)
      .meta({ description: 'Whether it is taken back, stays as it is, or could not be taken back.' }),
    code: z.string().nullable(),
    why: z.string().nullable().meta({ description: 'Why it stays, in words; null if it is taken back.' }),
    since: z.object({ by: z.string().nullable(), at: time }).nullable(),
    done: z.boolean(),
  })
  .meta({ id: 'UndoItem' });

export interface UndoRouteDependencies {
  readonly undos: UndoCommands;
  readonly undoQueries: UndoQueries;
  readonly signIn: SignInCommands;
}

/** Taking back a batch: what a connection did in a span of time, an import, a bulk action, another undo (R152). */
export function undoRoutes({ undos, undoQueries, signIn }: UndoRouteDependencies): Route[] {
  const tag = 'Undo';
  const access = 'users:manage';
  const params = { id: 'undo' } as const;
  return [
    route({
      method: 'GET',
      path: '/undos',
      tag,
      summary: 'List undos',
      description: 'Those that were started, the newest first.',
      access,
      query: z.strictObject(page),
      answers: { 200: pageOf(undoShape) },
      handle: async ({ by, query: { limit, cursor } }) => {
        const after = readCursor(cursor, idCursor);
        const rows = await undoQueries.list(by, { after, limit: limit + 1 });
        return { status: 200, body: pageBy(rows, limit, presentUndo, ({ stored }) => stored.id) };
      },
    }),
    route({
      method: 'POST',
      path: '/undos',
      tag,
      summary: 'Preview an undo',
      description:
        'Of what a connection did between two times, an import, a bulk action (the X-Request-Id of its answer) or another undo. Nothing is changed yet: the answer says what would be, and its token confirms just that. What was changed since by others stays as it is. A connection needs scim:manage, an import imports:run.',
      access,
      body: batchBody,
      location: true,
      answers: { 201: undoShape },
      errors: ['unknown_batch', 'batch_too_large', 'conflict'],
      handle: async ({ by, body }) => {
        const made = await undos.preview(by, toBatch(body));
        return {
          status: 201,
          body: presentUndo(await undoQueries.get(by, made)),
          headers: { Location: `/api/v1/undos/${made}` },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/undos/{id}',
      tag,
      summary: 'Read an undo',
      description: 'The preview, how far it is, and what became of it.',
      access,
      params,
      answers: { 200: undoShape },
      handle: async ({ by, params: { id: undo } }) => ({
        status: 200,
        body: presentUndo(await undoQueries.get(by, undo)),
      }),
    }),
    route({
      method: 'GET',
      path: '/undos/{id}/items',
      tag,
      summary: 'List the changes of an undo',
      description: 'What the batch did to whom, what the undo does about it, and why some of it stays.',
      access,
      params,
      query: z.strictObject({ result: z.enum(ITEM_RESULTS).optional(), ...page }),
      answers: { 200: pageOf(itemShape) },
      handle: async ({ by, params: { id: undo }, query: { result, limit, cursor } }) => {
        const after = readCursor(cursor, z.int()) ?? 0;
        const rows = await undoQueries.items(by, undo, { after, result, limit: limit + 1 });
        return { status: 200, body: pageBy(rows, limit, presentItem, ({ number }) => number) };
      },
    }),
    route({
      method: 'POST',
      path: '/undos/{id}/confirm',
      tag,
      summary: 'Carry out an undo',
      description:
        'Each change is looked at again and carried out in the background, in your name and with your rights. Asks for your password. The undo can itself be undone for 30 days.',
      access,
      params,
      body: z.strictObject({
        token: z.string().max(200).meta({ description: 'The token of the preview.' }),
        reason: reason.optional(),
        reenableApiKeys: z.boolean().default(true),
        ...proof,
      }),
      answers: { 202: undoShape },
      errors: [
        'already_confirmed',
        'expired',
        'impact_confirmation_required',
        'password_invalid',
        'step_up_required',
        'batch_too_large',
      ],
      handle: async ({ by, params: { id: undo }, body, client }) => {
        await undoQueries.get(by, undo);
        const proven = await signIn.prove(by, body, client);
        await undos.confirm(proven, undo, {
          token: body.token,
          reason: body.reason,
          keys: body.reenableApiKeys,
        });
        return { status: 202, body: presentUndo(await undoQueries.get(by, undo)) };
      },
    }),
  ];
}
