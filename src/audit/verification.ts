import { setImmediate } from 'node:timers/promises';
import { DomainError } from '../directory/errors.ts';
import type { OrgId } from '../directory/ids.ts';
import type { Database } from '../platform/db/database.ts';
import { isUuid, smallestUuidv7, timeOfUuidv7 } from '../platform/ids.ts';
import { DAY_MS } from '../platform/time.ts';
import { leafOf, levelsOf, proofOf, rootOf } from './rules/merkle.ts';
import { digestOfSeal, unpackLeaves } from './seals.ts';
import {
  type CanonicalRow,
  findOldestMonth,
  findRowsOfRequest,
  findSealOf,
  listSeals,
  readCanonicalRows,
  type Seal,
} from './store/seals.ts';

/** The first thing that is wrong. */
export interface BadRow {
  /** The number of the seal. */
  readonly seal: number;
  /** The event; null where the seal itself is wrong. */
  readonly event: string | null;
  readonly problem: 'changed' | 'missing' | 'added' | 'seal_changed' | 'seal_missing';
}

/** What a verification has found so far. */
export interface Verification {
  readonly ok: boolean;
  readonly firstBad: BadRow | undefined;
  readonly seals: number;
  readonly events: number;
  /** Seals whose events were dropped with their month, after the retention period. */
  readonly dropped: number;
  /** Digests of the seals since the state before, in hexadecimal. */
  readonly digests: readonly string[];
  /** The newest seal that was verified: keep its digest elsewhere. */
  readonly last: { readonly n: number; readonly digest: string; readonly sealedAt: string } | undefined;
}

/** A verification that has seen no seal. */
export const NOTHING_YET: Verification = {
  ok: true,
  firstBad: undefined,
  seals: 0,
  events: 0,
  dropped: 0,
  digests: [],
  last: undefined,
};

const SEALS = 20;

/**
 * Recomputes the seals of an organization from a number on and compares them with what is stored, as a stream: each value
 * is the state after some more seals, the last one the result. It ends at the first thing that is wrong.
 */
export async function* verifySeals(db: Database, org: OrgId, from = 1): AsyncIterable<Verification> {
  const oldest = await findOldestMonth(db);
  let found = NOTHING_YET;
  let prev: Buffer | undefined;
  for (let next = from; ; ) {
    const seals = await listSeals(db, org, next, SEALS);
    for (const seal of seals) {
      const rows = await rowsOf(db, org, seal);
      const isDropped = rows.length < seal.rows && oldest !== undefined && seal.firstAt < oldest;
      const firstBad = findBadSeal(org, seal, next, prev) ?? (isDropped ? undefined : findBadRow(seal, rows));
      found = {
        ok: firstBad === undefined,
        firstBad,
        seals: found.seals + 1,
        events: found.events + (isDropped ? 0 : seal.rows),
        dropped: found.dropped + (isDropped ? 1 : 0),
        digests: [...found.digests, seal.digest.toString('hex')],
        last: { n: seal.n, digest: seal.digest.toString('hex'), sealedAt: seal.sealedAt },
      };
      if (firstBad !== undefined) {
        yield found;
        return;
      }
      prev = seal.digest;
      next = seal.n + 1;
      await setImmediate();
    }
    yield found;
    if (seals.length < SEALS) return;
    found = { ...found, digests: [] };
  }
}

function findBadSeal(org: OrgId, seal: Seal, expected: number, prev: Buffer | undefined): BadRow | undefined {
  if (seal.n !== expected) return { seal: expected, event: null, problem: 'seal_missing' };
  const follows =
    prev === undefined ? seal.n > 1 || seal.prev.equals(Buffer.alloc(32)) : seal.prev.equals(prev);
  const isItself = digestOfSeal(org, seal).equals(seal.digest);
  return follows && isItself ? undefined : { seal: seal.n, event: null, problem: 'seal_changed' };
}

/** The rows that a seal covers, as they are now. */
const rowsOf = (db: Database, org: OrgId, seal: Seal): Promise<CanonicalRow[]> =>
  readCanonicalRows(
    db,
    org,
    { position: seal.fromPosition, id: seal.fromId },
    { position: seal.toPosition, id: seal.toId },
  );

function findBadRow(seal: Seal, rows: readonly CanonicalRow[]): BadRow | undefined {
  const leaves = rows.map(({ canonical }) => leafOf(canonical));
  if (rows.length === seal.rows && rootOf(leaves).equals(seal.root)) return undefined;
  const sealed = new Map(unpackLeaves(seal.leaves).map(({ id, prefix }) => [id, prefix]));
  for (const [index, { id }] of rows.entries()) {
    const prefix = sealed.get(id);
    if (prefix === undefined) return { seal: seal.n, event: id, problem: 'added' };
    if (!prefix.equals((leaves[index] as Buffer).subarray(0, prefix.length))) {
      return { seal: seal.n, event: id, problem: 'changed' };
    }
  }
  const present = new Set(rows.map(({ id }) => id));
  const missing = [...sealed.keys()].find((id) => !present.has(id));
  return missing === undefined
    ? { seal: seal.n, event: null, problem: 'seal_changed' }
    : { seal: seal.n, event: missing, problem: 'missing' };
}

/** Proves that an event is in the sealed chain. It can be checked without the server, given a digest that was kept elsewhere. */
export interface InclusionProof {
  readonly event: string;
  /** What was hashed. */
  readonly entry: string;
  readonly leaf: string;
  readonly path: readonly { readonly side: 'left' | 'right'; readonly digest: string }[];
  readonly root: string;
  readonly seal: { readonly n: number; readonly digest: string; readonly sealedAt: string };
}

/** How far the clock of a request may have been ahead of that of its events. */
const BEFORE_MS = 300_000;
/** A request whose work is a job, such as an import, has its last event once the job is done. */
const AFTER_MS = DAY_MS;

/** Events of a request that are proved at once. */
const PROVED = 1_000;

/** Proofs of some events of a request, in the order of their ids. */
export interface RequestProofs {
  readonly proofs: readonly InclusionProof[];
  /** Events that no seal covers yet. */
  readonly unsealed: readonly string[];
  /** Behind which event to go on; undefined if there is none. */
  readonly next: string | undefined;
}

/**
 * Proofs of the events of one request, 1,000 at a time. Each seal that covers some of them is read once.
 * @param requestId the `X-Request-Id` of the answer
 * @param after the event behind which to go on
 * @throws DomainError `not_found` if the request recorded nothing
 */
export async function proveRequest(
  db: Database,
  org: OrgId,
  requestId: string,
  after?: string,
): Promise<RequestProofs> {
  const began = isUuid(requestId) ? timeOfUuidv7(requestId).getTime() : Number.NaN;
  const rows = Number.isNaN(began)
    ? []
    : await findRowsOfRequest(db, org, requestId, {
        after: after ?? smallestUuidv7(began - BEFORE_MS),
        before: smallestUuidv7(began + AFTER_MS),
        limit: PROVED,
      });
  if (rows.length === 0 && after === undefined) {
    throw new DomainError('not_found', 'This request recorded no event.');
  }
  const proofs: InclusionProof[] = [];
  const unsealed: string[] = [];
  let sealed: SealedRows | undefined;
  for (const row of inFeedOrder(rows)) {
    if (sealed === undefined || !sealed.places.has(row.id)) sealed = await sealedRowsWith(db, org, row);
    if (sealed === undefined) unsealed.push(row.id);
    else proofs.push(prove(sealed, row));
  }
  return { proofs, unsealed, next: rows.length === PROVED ? rows.at(-1)?.id : undefined };
}

/** Events that one seal covers lie side by side. */
const inFeedOrder = (rows: readonly CanonicalRow[]) =>
  rows.toSorted((left, right) => left.position - right.position || (left.id < right.id ? -1 : 1));

/** The rows that a seal covers, as they are now. */
interface SealedRows {
  readonly seal: Seal;
  readonly levels: readonly (readonly Buffer[])[];
  readonly places: ReadonlyMap<string, number>;
}

/** @returns undefined if no seal covers the row yet @throws DomainError `conflict` */
async function sealedRowsWith(db: Database, org: OrgId, row: CanonicalRow): Promise<SealedRows | undefined> {
  const seal = await findSealOf(db, org, row);
  if (seal === undefined) return undefined;
  const rows = await rowsOf(db, org, seal);
  const levels = levelsOf(rows.map(({ canonical }) => leafOf(canonical)));
  const places = new Map(rows.map(({ id }, place) => [id, place]));
  if (levels.at(-1)?.[0]?.equals(seal.root) !== true || !places.has(row.id)) {
    throw new DomainError('conflict', `The events of seal ${seal.n} were changed: verify the audit trail.`);
  }
  return { seal, levels, places };
}

function prove({ seal, levels, places }: SealedRows, row: CanonicalRow): InclusionProof {
  const place = places.get(row.id) as number;
  return {
    event: row.id,
    entry: row.canonical,
    leaf: leafOf(row.canonical).toString('hex'),
    path: proofOf(levels, place).map(({ side, digest }) => ({ side, digest: digest.toString('hex') })),
    root: seal.root.toString('hex'),
    seal: { n: seal.n, digest: seal.digest.toString('hex'), sealedAt: seal.sealedAt },
  };
}
