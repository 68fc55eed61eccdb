import type { Database } from '../platform/db/database.ts';
import type { Statement } from '../platform/db/statement.ts';
import { type CommandRunner, createCommandRunner } from './command-runner.ts';
import type { Authority } from './roles/authority.ts';

/** What commands are built with that do everything up to the commit. */
interface DryRun {
  readonly db: Database;
  readonly runner: CommandRunner;
}

/** Ends a transaction whose changes are not wanted. */
class RollBack extends Error {}

/**
 * Rolls each command back by itself: they return and throw what they would for real, because they are the same commands.
 */
export function dryRunOf({ db, now }: { readonly db: Database; readonly now: () => Date }): DryRun {
  const dry: Database = {
    ...db,
    transaction: (share, work) => rolledBack(db, share, work),
  };
  return { db: dry, runner: createCommandRunner({ db: dry, now }) };
}

const mark: Statement = { name: 'dry-run-mark', text: 'savepoint dry_run' };
const release: Statement = { name: 'dry-run-release', text: 'release savepoint dry_run' };
const takeBack: Statement = { name: 'dry-run-take-back', text: 'rollback to savepoint dry_run' };

/**
 * Runs several commands, one after another, of which each finds what those before it did, and rolls all of them back. One
 * that is rejected leaves nothing behind for the next (ADR 0046). The transaction holds its locks until the end: keep it
 * short.
 */
export function runDry<Result>(
  { db, now }: { readonly db: Database; readonly now: () => Date },
  share: string,
  work: (dry: DryRun) => Promise<Result>,
): Promise<Result> {
  return rolledBack(db, share, (tx) => {
    const kept = async <Value>(inner: () => Promise<Value>): Promise<Value> => {
      await tx.query(mark, []);
      try {
        const result = await inner();
        await tx.query(release, []);
        return result;
      } catch (error) {
        await tx.query(takeBack, []);
        throw error;
      }
    };
    // Savepoints follow one another: statements that come at once wait for each other.
    let last: Promise<unknown> = Promise.resolve();
    const dry: Database = {
      ...db,
      query: <Row extends object>(statement: Statement, values: readonly unknown[]) => {
        const next = last.then(() => kept(() => tx.query<Row>(statement, values)));
        last = next.catch(() => undefined);
        return next;
      },
      transaction: (_share, inner) => kept(() => inner(tx)),
    };
    return work({ db: dry, runner: createCommandRunner({ db: dry, now }) });
  });
}

/** The caller of a dry run: what a repeatable request did is not kept. */
export function withoutRepeats({ request: _, ...by }: Authority): Authority {
  return by;
}

async function rolledBack<Result>(
  db: Database,
  share: string,
  work: Parameters<typeof db.transaction<Result>>[1],
): Promise<Result> {
  let done: { readonly result: Result } | undefined;
  try {
    return await db.transaction(share, async (tx) => {
      done = { result: await work(tx) };
      throw new RollBack();
    });
  } catch (error) {
    if (error instanceof RollBack && done !== undefined) return done.result;
    throw error;
  }
}
