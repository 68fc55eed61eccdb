import { setImmediate } from 'node:timers/promises';
import { DomainError } from '../directory/errors.ts';
import type { OrgId } from '../directory/ids.ts';
import type { Database } from '../platform/db/database.ts';
import { isUuid, smallestUuidv7, timeOfUuidv7 } from '../platform/ids.ts';
import { DAY_MS } from '../platform/time.ts';
import { leafOf, proofOf, rootFrom, rootOf } from './rules/merkle.ts';
import { digestOfSeal, unpackLeaves } from './seals.ts';
import {
  type CanonicalRow,
  findOldestMonth,
  findPlacesOfRequest,
  findSealOf,
  listSeals,
  readCanonicalRows,
  type SealRow,
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

const SEALS = 20;

/**
 * Recomputes the seals of an organization from a number on and compares them with what is stored, as a stream: each value
 * is the state after some more seals, the last one the result. It ends at the first thing that is wrong.
 */
export async function* verifySeals(db: Database, org: OrgId, from = 1): AsyncIterable<Verification> {
  const oldest = await findOldestMonth(db);
  let found: Verification = {
    ok: true,
    firstBad: undefined,
    seals: 0,
    events: 0,
    dropped: 0,
    digests: [],
    last: undefined,
  };
  let prev: Buffer | undefined;
  for (let next = from; ; ) {
    const seals = await listSeals(db, org, next, SEALS);
    for (const seal of seals) {
      const rows = await rowsOf(db, org, seal);
      const isDropped = rows.length < seal.rows && oldest !== undefined && seal.first_at < oldest;
      const firstBad = findBadSeal(org, seal, next, prev) ?? (isDropped ? undefined : findBadRow(seal, rows));
      found = {
        ok: firstBad === undefined,
        firstBad,
        seals: found.seals + 1,
        events: found.events + (isDropped ? 0 : seal.rows),
        dropped: found.dropped + (isDropped ? 1 : 0),
        digests: [...found.digests, seal.digest.toString('hex')],
        last: { n: seal.n, digest: seal.digest.toString('hex'), sealedAt: seal.sealed_at },
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

function findBadSeal(
  org: OrgId,
  seal: SealRow,
  expected: number,
  prev: Buffer | undefined,
): BadRow | undefined {
  if (seal.n !== expected) return { seal: expected, event: null, problem: 'seal_missing' };
  const follows =
    prev === undefined ? seal.n > 1 || seal.prev.equals(Buffer.alloc(32)) : seal.prev.equals(prev);
  const isItself = digestOfSeal(org, seal).equals(seal.digest);
  return follows && isItself ? undefined : { seal: seal.n, event: null, problem: 'seal_changed' };
}

/** The rows that a seal covers, as they are now. */
const rowsOf = (db: Database, org: OrgId, seal: SealRow): Promise<CanonicalRow[]> =>
  readCanonicalRows(
    db,
    org,
    { position: seal.from_position, id: seal.from_id },
    { position: seal.to_position, id: seal.to_id },
  );

function findBadRow(seal: SealRow, rows: readonly CanonicalRow[]): BadRow | undefined {
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

/**
 * Proofs of all events of one request.
 * @param requestId the `X-Request-Id` of the answer
 * @returns proofs, and the ids of events that no seal covers yet
 * @throws DomainError `not_found` if the request recorded nothing
 */
export async function proveRequest(
  db: Database,
  org: OrgId,
  requestId: string,
): Promise<{ readonly proofs: readonly InclusionProof[]; readonly unsealed: readonly string[] }> {
  const began = isUuid(requestId) ? timeOfUuidv7(requestId).getTime() : Number.NaN;
  const rows = Number.isNaN(began)
    ? []
    : await findPlacesOfRequest(
        db,
        org,
        requestId,
        smallestUuidv7(began - BEFORE_MS),
        smallestUuidv7(began + AFTER_MS),
      );
  if (rows.length === 0) throw new DomainError('not_found', 'This request recorded no event.');
  const proofs: InclusionProof[] = [];
  const unsealed: string[] = [];
  for (const row of rows) {
    const proof = await prove(db, org, row);
    if (proof === undefined) unsealed.push(row.id);
    else proofs.push(proof);
  }
  return { proofs, unsealed };
}

async function prove(db: Database, org: OrgId, row: CanonicalRow): Promise<InclusionProof | undefined> {
  const seal = await findSealOf(db, org, row);
  if (seal === undefined) return undefined;
  const rows = await rowsOf(db, org, seal);
  const leaves = rows.map(({ canonical }) => leafOf(canonical));
  const index = rows.findIndex(({ id }) => id === row.id);
  const leaf = leaves[index] as Buffer;
  const path = proofOf(leaves, index);
  if (!rootFrom(leaf, path).equals(seal.root)) {
    throw new DomainError('conflict', `The events of seal ${seal.n} were changed: verify the audit trail.`);
  }
  return {
    event: row.id,
    entry: row.canonical,
    leaf: leaf.toString('hex'),
    path: path.map(({ side, digest }) => ({ side, digest: digest.toString('hex') })),
    root: seal.root.toString('hex'),
    seal: { n: seal.n, digest: seal.digest.toString('hex'), sealedAt: seal.sealed_at },
  };
}
