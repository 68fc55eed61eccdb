import { createHash } from 'node:crypto';
import type { OrgId } from '../directory/ids.ts';
import type { Database } from '../platform/db/database.ts';
import type { Executor } from '../platform/db/statement.ts';
import { smallestUuidv7 } from '../platform/ids.ts';
import { defineSchedule, type JobKind } from '../platform/jobs/job-kind.ts';
import { beginFeed, consumeEvents, consumeInTurns, type FeedEvent } from './feed.ts';
import { leafOf, rootOf } from './rules/merkle.ts';
import { findOrganizationsBehind } from './store/feed.ts';
import { type CanonicalRow, findLastSeal, insertSeal, readRowsToSeal, type Seal } from './store/seals.ts';

/** Events that one seal covers at most: its leaves are read whole by a verification. */
const MOST_ROWS = 5_000;
const EVERY_SECONDS = 60;

/** What the first seal of an organization follows. */
const NOTHING = Buffer.alloc(32);
/** Bytes of a row's digest in `leaves`, behind the 16 of its id. */
const LEAF_PREFIX = 16;

/** Ids and the beginnings of digests of the rows that a seal covers, in their order. */
export function packLeaves(rows: readonly { readonly id: string; readonly leaf: Buffer }[]): Buffer {
  return Buffer.concat(
    rows.flatMap(({ id, leaf }) => [
      Buffer.from(id.replaceAll('-', ''), 'hex'),
      leaf.subarray(0, LEAF_PREFIX),
    ]),
  );
}

/** The rows that `packLeaves` packed. */
export function unpackLeaves(packed: Buffer): readonly { readonly id: string; readonly prefix: Buffer }[] {
  const size = 16 + LEAF_PREFIX;
  return Array.from({ length: Math.floor(packed.length / size) }, (_, index) => {
    const hex = packed.toString('hex', index * size, index * size + 16);
    const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
      '-',
    );
    return { id, prefix: packed.subarray(index * size + 16, (index + 1) * size) };
  });
}

/** The digest of a seal: everything that it says, in one form, and the seal before it. */
export function digestOfSeal(org: OrgId, seal: Omit<Seal, 'digest'>): Buffer {
  const { n, fromPosition, fromId, toPosition, toId, firstAt, lastAt, rows, sealedAt } = seal;
  const said = [org, n, fromPosition, fromId, toPosition, toId, firstAt, lastAt, rows, sealedAt];
  return createHash('sha256')
    .update(JSON.stringify([...said, seal.root.toString('hex'), seal.prev.toString('hex')]))
    .update(createHash('sha256').update(seal.leaves).digest())
    .digest();
}

/** Where a seal begins: behind the last row of the one before, so that no row can stand between two seals. */
const after = (before: Seal | undefined) => ({
  fromPosition: before?.toPosition ?? -1,
  fromId: before?.toId ?? '00000000-0000-0000-0000-000000000000',
});

/** The seal of some rows, which follow those of the seal before. */
function sealRows(
  org: OrgId,
  rows: readonly CanonicalRow[],
  before: Seal | undefined,
  sealedAt: string,
): Seal {
  const last = rows.at(-1);
  if (last === undefined) throw new Error('A seal covers one event at least.');
  const leaves = rows.map(({ id, canonical }) => ({ id, leaf: leafOf(canonical) }));
  const times = rows.map(({ at }) => at).sort();
  const seal = {
    n: (before?.n ?? 0) + 1,
    ...after(before),
    toPosition: last.position,
    toId: last.id,
    firstAt: times[0] as string,
    lastAt: times.at(-1) as string,
    rows: rows.length,
    root: rootOf(leaves.map(({ leaf }) => leaf)),
    prev: before?.digest ?? NOTHING,
    leaves: packLeaves(leaves),
    sealedAt,
  };
  return { ...seal, digest: digestOfSeal(org, seal) };
}

async function seal(tx: Executor, org: OrgId, events: readonly FeedEvent[], sealedAt: string): Promise<void> {
  const before = await findLastSeal(tx, org);
  const { fromPosition, fromId } = after(before);
  const last = events.at(-1) as FeedEvent;
  const rows = await readRowsToSeal(
    tx,
    org,
    { position: fromPosition, id: fromId },
    { position: last.feedPosition, id: last.id },
  );
  await insertSeal(tx, org, sealRows(org, rows, before, sealedAt));
}

/**
 * Builds what seals the events that no seal covers yet, of all organizations or some, apart from the commands that record them.
 * It continues until none is left, or the signal is aborted: what it has not sealed is sealed by the next run.
 */
export function createSealing({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): (signal: AbortSignal, only?: readonly OrgId[]) => Promise<void> {
  return async (signal, only) => {
    const sealBatch = async (org: OrgId): Promise<number> => {
      await beginFeed(db, org, 'seals', smallestUuidv7(0));
      return consumeEvents(db, org, 'seals', MOST_ROWS, (tx, events) =>
        seal(tx, org, events, now().toISOString()),
      );
    };
    const orgs = only ?? (await findOrganizationsBehind(db, 'seals'));
    await consumeInTurns(orgs, MOST_ROWS, sealBatch, signal);
  };
}

/** Declares the job that seals. */
export function sealJob(sealEvents: (signal: AbortSignal) => Promise<void>): JobKind {
  return defineSchedule('seal_events', EVERY_SECONDS, sealEvents);
}
