import type { CommandContext, CommandRunner } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { OrgId } from '../directory/ids.ts';
import { findAuthority, type Principal } from '../directory/roles/find-authority.ts';
import { insertJob } from '../jobs/store/insert.ts';
import type { Database } from '../platform/db/database.ts';
import { retryable } from '../platform/db/errors.ts';
import { DatabaseUnavailable } from '../platform/db/unavailable.ts';
import { uuidv7 } from '../platform/ids.ts';
import { applyItem } from './apply.ts';
import { BATCH_PERMISSIONS } from './batch.ts';
import { UNDO_JOB } from './commands.ts';
import { findNextItem, type ItemOutcome, tallyItems, writeItemDone } from './store/items.ts';
import { findUndo, type StoredUndo, writeUndoFinished } from './store/undos.ts';

export interface UndoRunDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  /** Called for an internal error that failed an item. */
  readonly onFailure: (error: unknown) => void;
}

/** How much one job does before another continues, so that other work gets its turn. */
export interface UndoLimits {
  readonly items: number;
  readonly milliseconds: number;
}

export interface UndoRuns {
  /**
   * Carries out the next item of a confirmed undo: the change and that the item is done are one transaction, so that a run
   * after a crash goes on with the next item. Several processes may run the same undo.
   * @returns false once the undo is at its end
   * @throws DatabaseUnavailable, StatementTimeout: nothing was done, continue later
   */
  step(org: OrgId, id: string): Promise<boolean>;
  /**
   * Carries out some items, and puts the rest into a job of its own.
   * @throws the reason of `signal` between two items once it is aborted
   */
  runBatch(org: OrgId, id: string, limits: UndoLimits, signal: AbortSignal): Promise<void>;
}

type ConfirmedUndo = StoredUndo & { readonly confirmedBy: Principal };

const NO_LONGER: ItemOutcome = {
  result: 'failed',
  code: 'forbidden',
  message:
    'The administrator who started this undo may no longer do so: another administrator can make a new preview.',
};
const OURS: ItemOutcome = {
  result: 'failed',
  message: 'Something went wrong on our side with this change: make a new preview and undo it again.',
};

/** Builds what carries out confirmed undos. */
export function createUndoRuns({ db, now, runner, onFailure }: UndoRunDependencies): UndoRuns {
  const step: UndoRuns['step'] = async (org, id) => {
    const stored = await findUndo(db, org, id);
    if (stored === undefined || !isRunning(stored)) return false;
    let inHand: number | undefined;
    try {
      return await runner.withOrganization(org, stored.confirmedBy.origin, async (context) => {
        const next = await findNextItem(context.tx, org, id);
        if (next === undefined) return finish(context, id);
        inHand = next.number;
        const needs = BATCH_PERMISSIONS[stored.batch.kind];
        const by = await findAuthority(context.tx, org, stored.confirmedBy, needs, context.at);
        const { batch, keys } = stored;
        const { requestId } = stored.confirmedBy.origin;
        const options = { batch, requestId, keys, reason: stored.reason ?? undefined };
        const outcome = by === undefined ? NO_LONGER : await applyItem(context, by, next.item, options);
        await writeItemDone(context.tx, org, id, next.number, outcome, context.at);
        return true;
      });
    } catch (error) {
      if (inHand === undefined || isPassing(error)) throw error;
      if (!(error instanceof DomainError)) onFailure(error);
      await writeItemDone(db, org, id, inHand, outcomeOn(error), now().toISOString());
      return true;
    }
  };

  return {
    step,

    runBatch: async (org, id, { items, milliseconds }, signal) => {
      const end = performance.now() + milliseconds;
      for (let left = items; left > 0 && performance.now() < end; left -= 1) {
        signal.throwIfAborted();
        if (!(await step(org, id))) return;
      }
      await insertJob(db, { id: uuidv7(now().getTime()), org, kind: UNDO_JOB, payload: { org, id } });
    },
  };
}

async function finish({ tx, org, at, recordEvent }: CommandContext, id: string): Promise<false> {
  if (await writeUndoFinished(tx, org, id, at)) {
    const tallies = await tallyItems(tx, org, [id]);
    const of = (wanted: string) =>
      tallies.filter(({ result }) => result === wanted).reduce((sum, { items }) => sum + items, 0);
    const values = {
      undone: [null, of('undo')] as const,
      skipped: [null, of('skip')] as const,
      failed: [null, of('failed')] as const,
    };
    recordEvent({ action: 'undo.finished', target: ['undo', id], changes: { values } });
  }
  return false;
}

function isRunning(stored: StoredUndo): stored is ConfirmedUndo {
  return stored.state === 'running' && stored.confirmedBy !== null;
}

/** What passes by itself: the item is as good as it was. */
function isPassing(error: unknown): boolean {
  return error instanceof DatabaseUnavailable || retryable(error);
}

const outcomeOn = (error: unknown): ItemOutcome =>
  error instanceof DomainError ? { result: 'failed', code: error.code, message: error.message } : OURS;
