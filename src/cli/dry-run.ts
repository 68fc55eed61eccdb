import { createCommandRunner } from '../directory/command-runner.ts';
import type { Database } from '../platform/db/database.ts';
import type { AdministratorSession } from './administrator.ts';

/** Ends a transaction whose changes are not wanted. */
class RollBack extends Error {}

/**
 * A session whose commands do everything up to the commit and then roll it back: they return and throw what they
 * would for real, because they are the same commands.
 */
export function dryRunOf(session: AdministratorSession): AdministratorSession {
  const db = rollingBack(session.db);
  return { ...session, db, runner: createCommandRunner({ db, now: session.now }) };
}

function rollingBack(db: Database): Database {
  return {
    ...db,
    transaction: async (share, context) => {
      let done: { readonly result: Awaited<ReturnType<typeof context>> } | undefined;
      try {
        return await db.transaction(share, async (tx) => {
          done = { result: await context(tx) };
          throw new RollBack();
        });
      } catch (error) {
        if (error instanceof RollBack && done !== undefined) return done.result;
        throw error;
      }
    },
  };
}
