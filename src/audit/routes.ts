import { z } from 'zod';
import { type Route, route } from '../rest/route.ts';
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
} from '../rest/shapes.ts';
import { actionsOf } from './catalogue.ts';
import { AUDIT_FORMATS, type AuditExport } from './export.ts';
import { presentEvent } from './present.ts';
import type { AuditQueries } from './queries.ts';
import type { SealQueries } from './seal-queries.ts';
import type { SealRow } from './store/seals.ts';
import type { Verification } from './verification.ts';

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
  })
  .meta({ id: 'AuditEvent' });

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

const sealShape = z
  .object({
    n: z.int(),
    digest: z
      .string()
      .meta({ description: 'SHA-256 of the seal, in hexadecimal; it follows from all seals before.' }),
    root: z.string().meta({ description: 'The Merkle root over the events (RFC 6962), in hexadecimal.' }),
    events: z.int(),
    firstAt: time,
    lastAt: time,
    sealedAt: time,
  })
  .meta({ id: 'AuditSeal' });

function presentSeal(row: SealRow): z.input<typeof sealShape> {
  return {
    n: row.n,
    digest: row.digest.toString('hex'),
    root: row.root.toString('hex'),
    events: row.rows,
    firstAt: row.first_at,
    lastAt: row.last_at,
    sealedAt: row.sealed_at,
  };
}

const verificationShape = z
  .object({
    ok: z.boolean(),
    firstBad: z
      .object({
        seal: z.int(),
        event: z.string().nullable().meta({ description: 'Null where the seal itself is wrong.' }),
        problem: z.enum(['changed', 'missing', 'added', 'seal_changed', 'seal_missing']),
      })
      .nullable(),
    seals: z.int().meta({ description: 'Seals that were verified.' }),
    events: z.int().meta({ description: 'Events that were verified.' }),
    dropped: z.int().meta({ description: 'Seals whose events were dropped after the retention period.' }),
    last: z.object({ n: z.int(), digest: z.string(), sealedAt: time }).nullable(),
    seal: z
      .object({
        digest: z.string(),
        found: z.boolean().meta({ description: 'Whether the chain has a seal with this digest.' }),
        n: z.int().nullable().meta({ description: 'Its number; null if it was not found.' }),
        sealedAt: time.nullable(),
        sentence: z.string().meta({
          description: 'What that means.',
          example: 'Seal 412 is in the chain: what it covers was not rewritten since.',
        }),
      })
      .nullable()
      .meta({ description: 'The kept seal that was asked about; null without `seal`.' }),
    next: z.int().nullable().meta({ description: 'The seal to go on with; null when all are verified.' }),
  })
  .meta({ id: 'AuditVerification' });

function presentVerification({
  firstBad,
  last,
  next,
  digests: _digests,
  ...counts
}: Verification & { readonly next: number | undefined }) {
  return { ...counts, firstBad: firstBad ?? null, last: last ?? null, next: next ?? null };
}

/** Compares a seal that was kept elsewhere with the chain. */
function presentKept(digest: string, kept: SealRow | undefined, intact: boolean) {
  const sentence =
    kept === undefined
      ? 'No seal of the chain has this digest: the audit trail was written anew, or it is a seal of another organization.'
      : intact
        ? `Seal ${kept.n} is in the chain: what it covers was not rewritten since.`
        : `Seal ${kept.n} is in the chain, but what is sealed was changed: see firstBad.`;
  return {
    digest,
    found: kept !== undefined,
    n: kept?.n ?? null,
    sealedAt: kept?.sealed_at ?? null,
    sentence,
  };
}

const proofShape = z
  .object({
    proofs: z.array(
      z.object({
        event: z.string(),
        entry: z.string().meta({ description: 'The text that was hashed.' }),
        leaf: z.string(),
        path: z.array(z.object({ side: z.enum(['left', 'right']), digest: z.string() })),
        root: z.string(),
        seal: z.object({ n: z.int(), digest: z.string(), sealedAt: time }),
      }),
    ),
    unsealed: z
      .array(z.string())
      .meta({ description: 'Events that no seal covers yet: within a minute, one does.' }),
  })
  .meta({ id: 'InclusionProofs' });

/** Who did what, and when. */
export function auditRoutes({
  audit,
  auditExport,
  seals,
}: {
  readonly audit: AuditQueries;
  readonly auditExport: AuditExport;
  readonly seals: SealQueries;
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
        return {
          status: 200,
          body: {
            data: found.events.map(presentEvent),
            nextCursor: found.next === undefined ? null : writeCursor(found.next),
          },
        };
      },
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
        headers: {
          'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
          'Content-Disposition': `attachment; filename="audit.${format === 'csv' ? 'csv' : 'ndjson'}"`,
        },
      }),
    }),
    route({
      method: 'GET',
      path: '/audit/seals',
      tag,
      summary: 'List the seals of the audit trail',
      description:
        'The newest first. A seal covers the events that follow those of the one before; keep the digest of the newest elsewhere, and nothing that it covers can be changed unnoticed.',
      access,
      query: z.strictObject({ limit: page.limit }),
      answers: { 200: wholeList(sealShape) },
      handle: async ({ by, query: { limit } }) => ({
        status: 200,
        body: presentWhole((await seals.newest(by, limit)).map(presentSeal)),
      }),
    }),
    route({
      method: 'GET',
      path: '/audit/verify',
      tag,
      summary: 'Verify the seals of the audit trail',
      description:
        'Recomputes seals from the events as they are now, beginning with the seal `from`, for some seconds. Where `next` is a number, go on with it; `rollcall audit verify` does it all at once.',
      access,
      query: z.strictObject({
        from: z.coerce.number().int().min(1).default(1),
        seal: z
          .string()
          .trim()
          .toLowerCase()
          .regex(/^[0-9a-f]{64}$/, 'must be the digest of a seal: 64 hexadecimal digits.')
          .optional()
          .meta({
            description: 'The digest of a seal that was kept elsewhere, such as one that was mailed.',
          }),
      }),
      answers: { 200: verificationShape },
      handle: async ({ by, query: { from, seal } }) => {
        const found = presentVerification(await seals.verify(by, from));
        if (seal === undefined) return { status: 200, body: { ...found, seal: null } };
        const kept = await seals.kept(by, seal);
        const body = {
          ...found,
          ok: found.ok && kept !== undefined,
          seal: presentKept(seal, kept, found.ok),
        };
        return { status: 200, body };
      },
    }),
    route({
      method: 'GET',
      path: '/audit/proofs/{requestId}',
      tag,
      summary: 'Prove that the events of a request are sealed',
      description:
        'For each event of the request the entry that was hashed and its way to the root of a seal (RFC 6962): with the digest of that seal or of a later one it can be checked without the server.',
      access,
      answers: { 200: proofShape },
      errors: ['conflict'],
      handle: async ({ by, params: { requestId } }) => ({
        status: 200,
        body: await seals.prove(by, requestId as string),
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
