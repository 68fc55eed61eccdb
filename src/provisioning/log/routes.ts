import { z } from 'zod';
import { type Route, route } from '../../rest/route.ts';
import { id, idCursor, instant, page, pageOf, readCursor, time, writeCursor } from '../../rest/shapes.ts';
import { presentRequest, presentWholeRequest } from './present.ts';
import type { LogQueries } from './queries.ts';
import type { ReplayCommands } from './replay.ts';
import { parseStatus, STATUS_SAYS } from './rules/status.ts';

const ANOTHER_REQUEST = '019a0f3c-7d2e-7c51-9b1a-3f2a6d0c8e41';

const requestFields = {
  id: z
    .string()
    .meta({ description: 'The X-Request-Id of the answer; of an operation of a Bulk one of its own.' }),
  at: time,
  connectionId: z.string(),
  client: z.string().nullable().meta({ description: 'The User-Agent of the client.' }),
  method: z.string(),
  path: z.string().meta({ description: 'Below the SCIM base URL.', example: '/Users' }),
  query: z.string().nullable().meta({
    description: 'Decoded; null without one.',
    example: 'filter=userName eq "jane@rollcall.example"',
  }),
  status: z.int().meta({ description: '499 where the client closed the connection first.' }),
  ms: z.number().meta({ description: 'Milliseconds until the answer was sent.', example: 4.2 }),
  summary: z.string().meta({
    description: 'What it did, in words, with the names of today.',
    example: 'added 3 members to Engineering',
  }),
  target: z
    .object({ type: z.enum(['user', 'group']), id: z.string(), name: z.string().nullable() })
    .nullable()
    .meta({ description: 'The user or group that it read or changed.' }),
  changes: z
    .array(
      z.object({
        action: z.string().meta({ description: 'The name of the event, as docs/events.md lists them.' }),
        attributes: z.array(z.string()).meta({ description: 'Names of attributes that changed.' }),
        count: z.int().nullable().meta({ description: 'How many members were added or removed.' }),
        to: z.string().nullable().meta({ description: 'The role after.', example: 'train' }),
      }),
    )
    .meta({ description: 'What it changed; empty if nothing.' }),
  ignored: z.array(z.string()).meta({ description: 'Attributes that no schema has and that were left out.' }),
  quirks: z.array(z.string()).meta({
    description:
      'What was tolerated: the names of the quirks without which it would have been read otherwise.',
    example: ['entra-string-booleans'],
  }),
  notes: z.array(z.string()).meta({ description: 'What it did not have the effect of.' }),
  error: z
    .object({
      code: z
        .string()
        .nullable()
        .meta({ description: 'Which rule rejected it.', example: 'user_name_taken' }),
      detail: z.string().nullable().meta({ description: 'The sentence that the client was sent.' }),
      meaning: z.string().meta({ description: 'What that means.' }),
      remedy: z.string().meta({ description: 'What to do about it.' }),
    })
    .nullable()
    .meta({ description: 'Null if it succeeded.' }),
  replayOf: z
    .string()
    .nullable()
    .meta({ description: 'The request that this one repeats; null if none.', example: ANOTHER_REQUEST }),
  partOf: z.string().nullable().meta({
    description: 'The Bulk that this one is an operation of; null if none. Its events have this id.',
    example: ANOTHER_REQUEST,
  }),
  bulk: z
    .object({
      operations: z.int().meta({ description: 'How many it has.', example: 300 }),
      failed: z.int().meta({ description: 'How many of them failed.', example: 2 }),
      notTried: z.int().meta({
        description:
          'How many were left after as many had failed as the client accepts, or when the client closed the connection, after which they went on.',
        example: 0,
      }),
    })
    .nullable()
    .meta({ description: 'What became of the operations of a Bulk; null for any other request.' }),
};

const requestShape = z.object(requestFields).meta({ id: 'ScimRequest' });

const bodyShape = z.object({
  state: z.enum(['whole', 'cut', 'masked', 'withheld', 'omitted', 'none']).meta({
    description:
      'cut: only its beginning was kept. masked: secrets were masked. withheld: it could not be searched for secrets, or a user whom it names was erased. omitted: the answer to a read that succeeded, or a body of a Bulk, whose operations have theirs.',
    example: 'whole',
  }),
  bytes: z.int().meta({ description: 'Its size as it was sent.' }),
  body: z.string().nullable().meta({ description: 'What was kept of it.', example: '{"schemas":[…]}' }),
});

const wholeShape = z
  .object({
    ...requestFields,
    request: bodyShape.meta({ description: 'The body of the request.' }),
    response: bodyShape.meta({ description: 'The body of the answer.' }),
    emptiedAt: time
      .nullable()
      .meta({ description: 'When it was emptied, since a user whom it names was erased; null if not.' }),
    notReplayable: z.string().nullable().meta({
      description: 'Why it cannot be replayed, in a sentence; null if it can.',
      example: 'This request succeeded: there is nothing to replay.',
    }),
  })
  .meta({ id: 'ScimRequestWithBodies' });

const replayShape = z
  .object({
    id: z.string().meta({ description: 'The id of the new request in the log.' }),
    status: z.int().meta({ description: 'The status with which it ended this time.', example: 201 }),
    detail: z.string().nullable().meta({ description: 'Why it failed again; null if it succeeded.' }),
  })
  .meta({ id: 'ScimReplay' });

const status = z
  .string()
  .refine((text) => parseStatus(text) !== undefined, STATUS_SAYS)
  .transform((text) => parseStatus(text))
  .meta({ description: 'A status (409), a class of them (4xx), success, or error.', example: 'error' });

/** What happened at a SCIM connection, request by request. */
export function provisioningLogRoutes({
  provisioningLog,
  replays,
}: {
  readonly provisioningLog: LogQueries;
  readonly replays: ReplayCommands;
}): Route[] {
  const shared = { tag: 'SCIM connections', access: 'scim:manage' } as const;
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/scim/connections/{id}/requests',
      summary: 'Search the provisioning log',
      description:
        'The requests of a connection, the newest first, about a second after they were answered. All conditions hold together. A page may hold fewer than asked for and still have a nextCursor, where the search has not come to its end: go on with it.',
      params: { id: 'scim_connection' },
      query: z.strictObject({
        ...page,
        status: status.optional(),
        method: z
          .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
          .optional()
          .meta({ description: 'The method of the request.', example: 'PATCH' }),
        q: z
          .string()
          .trim()
          .min(1)
          .max(200)
          .optional()
          .meta({ description: 'A part of the path or the query.', example: '/Users' }),
        user: id.optional().meta({ description: 'The id of a user whom the request names.' }),
        group: id.optional().meta({ description: 'The id of the group that it is about.' }),
        partOf: id.optional().meta({ description: 'The id of a Bulk: its operations.' }),
        from: instant.optional().meta({ description: 'Not before this time.' }),
        to: instant.optional().meta({ description: 'Before this time.' }),
      }),
      answers: { 200: pageOf(requestShape) },
      handle: async ({ by, params: { id: connection }, query }) => {
        const { limit, cursor, q, ...filter } = query;
        const before = readCursor(cursor, idCursor);
        const found = await provisioningLog.search(by, { ...filter, connection, text: q }, before, limit);
        const body = { data: found.requests.map(presentRequest), nextCursor: writeCursor(found.next) };
        return { status: 200, body };
      },
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/scim/connections/{id}/requests/{requestId}',
      summary: 'Read a request of the provisioning log',
      description: 'With its bodies, in which secrets are masked.',
      params: { id: 'scim_connection', requestId: 'scim_request' },
      answers: { 200: wholeShape },
      handle: async ({ by, params: { id: connection, requestId } }) => ({
        status: 200,
        body: presentWholeRequest(await provisioningLog.get(by, connection, requestId)),
      }),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/scim/connections/{id}/requests/{requestId}/replay',
      summary: 'Replay a failed request',
      description:
        'Carries out the stored request again, as the connection and with its settings of today, once the cause of the failure is mended. It is a new request of the log, and an event. Rejected if the request succeeded or only read, and if its body was not kept whole.',
      params: { id: 'scim_connection', requestId: 'scim_request' },
      answers: { 200: replayShape },
      errors: ['not_replayable'],
      handle: async ({ by, params: { id: connection, requestId } }) => {
        const { id: made, status: became, detail } = await replays.replay(by, connection, requestId);
        return { status: 200, body: { id: made, status: became, detail: detail ?? null } };
      },
    }),
  ];
}
