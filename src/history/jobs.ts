import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { OrgId } from '../directory/ids.ts';
import { findAuthority, type Principal } from '../directory/roles/find-authority.ts';
import type { Database } from '../platform/db/database.ts';
import { attemptEach } from '../platform/jobs/attempt-each.ts';
import { defineJob, defineSchedule, type JobKind, PermanentFailure } from '../platform/jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../platform/jobs/retry-policy.ts';
import { DAY_MS } from '../platform/time.ts';
import { BUNDLE_JOB } from './bundle/commands.ts';
import type { WriteBundle } from './bundle/write.ts';
import { clearPieces, finishBundle, insertPiece } from './store/bundles.ts';
import { findUnfinished, snapshotBatch } from './store/snapshot.ts';
import { findAged, sweepBatch } from './store/sweep.ts';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/** Declares the job that writes a bundle, in pieces. */
export function bundleJob({
  db,
  now,
  write,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly write: WriteBundle;
}): JobKind {
  return defineJob({
    name: BUNDLE_JOB,
    payload: z.object({
      org: z.uuid(),
      id: z.uuid(),
      asOf: z.string(),
      from: z.string().optional(),
      reviewId: z.string().optional(),
      principal: z.custom<Principal>((value) => typeof value === 'object' && value !== null),
    }),
    concurrency: 1,
    retry: BRIEF_RETRIES,
    handle: async ({ org: orgId, id, asOf, from, reviewId, principal }, { signal }) => {
      const org = orgId as OrgId;
      const by = await findAuthority(db, org, principal, 'audit:export', now().toISOString());
      if (by === undefined) {
        throw new PermanentFailure('Who asked for the bundle may no longer export the audit trail.');
      }
      await clearPieces(db, org, id);
      const hash = createHash('sha256');
      let [n, bytes] = [0, 0];
      try {
        for await (const piece of inPieces(await write(by, { asOf, from, reviewId }))) {
          signal.throwIfAborted();
          hash.update(piece);
          bytes += piece.length;
          await insertPiece(db, org, id, n, piece);
          n += 1;
        }
      } catch (error) {
        // What cannot be finished takes no room until it expires.
        if (error instanceof PermanentFailure) await clearPieces(db, org, id);
        throw error;
      }
      await finishBundle(db, org, id, { bytes, sha256: hash.digest('hex') });
    },
  });
}

const PIECE = 256 * 1_024;

/** Joins what a zip yields, often some bytes, into pieces of some size. */
async function* inPieces(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    size += chunk.length;
    if (size < PIECE) continue;
    yield Buffer.concat(waiting);
    [waiting, size] = [[], 0];
  }
  if (size > 0) yield Buffer.concat(waiting);
}

/** Declares the job that writes the states with which the history of organizations of before begins. */
export function historySnapshotJob({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): JobKind {
  return defineSchedule('begin_history', HOUR_SECONDS, (signal) => beginHistory(db, now, signal));
}

/**
 * Writes what history begins with, for all organizations that have none, in batches.
 * @throws the reason of `signal` between two batches once it is aborted
 */
export async function beginHistory(db: Database, now: () => Date, signal: AbortSignal): Promise<void> {
  const begin = async (org: OrgId): Promise<void> => {
    do signal.throwIfAborted();
    while (await snapshotBatch(db, org, now().toISOString()));
  };
  await attemptEach(await findUnfinished(db), begin, signal);
}

/** Declares the job that deletes states which no moment that may be asked for was in. */
export function historySweepJob({
  db,
  now,
  retentionDays,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly retentionDays: number;
}): JobKind {
  return defineSchedule('sweep_history', DAY_SECONDS, (signal) =>
    sweepHistory(db, new Date(now().getTime() - retentionDays * DAY_MS), signal),
  );
}

/**
 * Deletes, of all organizations, states that were replaced before history's beginning, and moves the beginning to the limit.
 * @throws the reason of `signal` between two batches once it is aborted
 */
export async function sweepHistory(db: Database, limit: Date, signal: AbortSignal): Promise<void> {
  const before = limit.toISOString();
  const sweep = async (org: OrgId): Promise<void> => {
    do signal.throwIfAborted();
    while ((await sweepBatch(db, org, before)).more);
  };
  await attemptEach(await findAged(db, before), sweep, signal);
}
