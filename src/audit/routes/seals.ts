import { z } from 'zod';
import { type Route, route } from '../../rest/route.ts';
import { idCursor, page, presentWhole, readCursor, time, wholeList, writeCursor } from '../../rest/shapes.ts';
import type { SealQueries } from '../seal-queries.ts';
import type { Seal } from '../store/seals.ts';
import type { Verification } from '../verification.ts';

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

function presentSeal(row: Seal): z.input<typeof sealShape> {
  return {
    n: row.n,
    digest: row.digest.toString('hex'),
    root: row.root.toString('hex'),
    events: row.rows,
    firstAt: row.firstAt,
    lastAt: row.lastAt,
    sealedAt: row.sealedAt,
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
function presentKept(digest: string, kept: Seal | undefined, intact: boolean) {
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
    sealedAt: kept?.sealedAt ?? null,
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
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'InclusionProofs' });

/** That the audit trail is what it was: seals, their verification, and proofs. */
export function sealRoutes({ seals }: { readonly seals: SealQueries }): Route[] {
  const tag = 'Audit';
  const access = 'audit:read';
  return [
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
        'In pages of 1,000 events. For each event of the request the entry that was hashed and its way to the root of a seal (RFC 6962): with the digest of that seal or of a later one it can be checked without the server.',
      access,
      query: z.strictObject({ cursor: page.cursor }),
      answers: { 200: proofShape },
      errors: ['conflict'],
      handle: async ({ by, params: { requestId }, query: { cursor } }) => {
        const { next, ...body } = await seals.prove(by, requestId as string, readCursor(cursor, idCursor));
        return { status: 200, body: { ...body, nextCursor: writeCursor(next) } };
      },
    }),
  ];
}
