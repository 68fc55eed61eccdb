import { z } from 'zod';
import { downloadHeaders } from '../../rest/download.ts';
import { type Route, route } from '../../rest/route.ts';
import {
  id,
  idCursor,
  instant,
  page,
  pageOf,
  presentWhole,
  readCursor,
  several,
  time,
  wholeList,
  writeCursor,
} from '../../rest/shapes.ts';
import { actionsOf, EVENT_ACTIONS, EVENTS, outcomeOf } from '../catalogue.ts';
import { AUDIT_FORMATS, type AuditExport } from '../export.ts';
import { presentEvent } from '../present.ts';
import type { AuditQueries } from '../queries.ts';

/** Who or what an event names. */
export const partyShape = z
  .object({
    type: z
      .string()
      .meta({ description: 'user, group, connection and others, as docs/events.md lists them.' }),
    id: z.string(),
    name: z.string().nullable().meta({ description: 'What it is called today; null once it is erased.' }),
    email: z.string().nullable().meta({ description: 'Only users have one.' }),
  })
  .meta({ id: 'EventParty' });

const eventShape = z
  .object({
    id: z.string(),
    at: time,
    action: z.string().meta({ description: 'noun.verb_past; docs/events.md has all of them.' }),
    outcome: z.enum(['success', 'failure']),
    sentence: z.string().meta({ description: 'The event in words, with the names of today.' }),
    actor: partyShape,
    via: z
      .string()
      .meta({ description: 'How it was done: api, scim, sso, sign_in, invitation, cli or schedule.' }),
    target: partyShape.meta({ description: 'What it was done to.' }),
    member: partyShape.nullable().meta({ description: 'The other party, such as the member of a group.' }),
    changes: z
      .object({
        attributes: z.array(z.string()).optional(),
        values: z.record(z.string(), z.tuple([z.unknown(), z.unknown()])).optional(),
      })
      .nullable()
      .meta({ description: 'Names of changed personal attributes, and other values before and after.' }),
    reason: z.string().nullable().meta({ description: 'What the actor wrote.' }),
    requestId: z.string().nullable(),
    sessionId: z.string().nullable(),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    country: z.string().nullable().meta({
      description:
        'The country of the address, as it was known when it happened: ISO 3166-1 alpha-2. Null unless the operator has a file of countries.',
      example: 'DE',
    }),
  })
  .meta({ id: 'AuditEvent' });

const actionShape = z
  .object({
    action: z.string().meta({ description: 'noun.verb_past' }),
    meaning: z.string().meta({ description: 'One sentence.' }),
    outcome: z.enum(['success', 'failure']),
  })
  .meta({ id: 'AuditAction' });

/** `user.created`, or `user.*` for all events of a noun. */
const action = z
  .string()
  .refine((text) => actionsOf(text).length > 0, 'must be the name of an event, or a noun such as user.*.');

/** What a search of the audit trail may ask for. */
const auditQuery = {
  from: instant.optional().meta({ description: 'Not before this time.' }),
  to: instant.optional().meta({ description: 'Before this time.' }),
  actor: several(id).meta({ description: 'Who did it: ids of users, service accounts or connections.' }),
  target: several(id).meta({
    description: 'What it was done to: ids of users, groups, connections and others.',
  }),
  about: several(id).meta({ description: 'Ids, each of which is the actor, the target or the other party.' }),
  action: several(action).meta({ description: 'Names of events, or all of a noun: user.*' }),
  outcome: z.enum(['success', 'failure']).optional(),
  connection: id
    .optional()
    .meta({ description: 'A SCIM or SSO connection that did it or to which it was done.' }),
  requestId: id.optional().meta({ description: 'The X-Request-Id of the answer.' }),
  q: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Three characters or more of the name or address of a party.' }),
};

type AuditQuery = z.output<z.ZodObject<typeof auditQuery>>;

/** The search that a query string asks for. */
function searchOf({
  from,
  to,
  actor,
  target,
  about,
  connection,
  outcome,
  requestId,
  q,
  ...query
}: AuditQuery) {
  const parties = [...(about ?? []), ...(connection === undefined ? [] : [connection])];
  return {
    from,
    to,
    actors: actor,
    targets: target,
    about: parties.length === 0 ? undefined : parties,
    actions: query.action?.flatMap(actionsOf),
    outcome,
    requestId,
    text: q,
  };
}

/** Who did what, and when. */
export function eventRoutes({
  audit,
  auditExport,
  now,
}: {
  readonly audit: AuditQueries;
  readonly auditExport: AuditExport;
  readonly now: () => Date;
}): Route[] {
  const tag = 'Audit';
  const access = 'audit:read';
  return [
    route({
      method: 'GET',
      path: '/audit',
      tag,
      summary: 'Search the audit trail',
      description:
        'The newest events first. All conditions hold together; of several values of one, any. A page may hold fewer events than asked for and still have a nextCursor, where the search has not come to its end: go on with it.',
      access,
      query: z.strictObject({ ...page, ...auditQuery }),
      answers: { 200: pageOf(eventShape) },
      errors: ['text_too_short', 'too_many_names'],
      handle: async ({ by, query: { limit, cursor, ...query } }) => {
        const found = await audit.search(by, searchOf(query), readCursor(cursor, idCursor), limit);
        const body = { data: found.events.map(presentEvent), nextCursor: writeCursor(found.next) };
        return { status: 200, body };
      },
    }),
    route({
      method: 'GET',
      path: '/audit/actions',
      tag,
      summary: 'List the names of events with what they mean',
      description: 'What `action` of a search and `events` of a webhook take.',
      access: 'signed in',
      answers: { 200: wholeList(actionShape) },
      handle: async () => ({
        status: 200,
        body: presentWhole(
          EVENT_ACTIONS.map((name) => ({
            action: name,
            meaning: EVENTS[name].meaning,
            outcome: outcomeOf(name),
          })),
        ),
      }),
    }),
    route({
      method: 'GET',
      path: '/audit/export',
      tag,
      summary: 'Export events',
      description:
        'What the search finds, the newest first, as CSV, as NDJSON (one event a line) or as NDJSON of OCSF. The export is an event itself.',
      access: 'audit:export',
      query: z.strictObject({ format: z.enum(AUDIT_FORMATS).default('ndjson'), ...auditQuery }),
      answers: { 200: { content: ['text/csv', 'application/x-ndjson'] } },
      errors: ['text_too_short', 'too_many_names'],
      handle: async ({ by, query: { format, ...query } }) => ({
        status: 200,
        content: await auditExport.export(by, searchOf(query), format),
        headers: downloadHeaders(
          format === 'csv' ? 'csv' : 'ndjson',
          format === 'ocsf' ? 'audit ocsf' : 'audit',
          now().toISOString(),
        ),
      }),
    }),
    route({
      method: 'GET',
      path: '/audit/{id}',
      tag,
      summary: 'Read an event',
      access,
      params: { id: 'event' },
      answers: { 200: eventShape },
      handle: async ({ by, params: { id: event } }) => ({
        status: 200,
        body: presentEvent(await audit.get(by, event as string)),
      }),
    }),
  ];
}
