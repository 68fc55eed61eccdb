import type { OrgId } from '../directory/ids.ts';
import type { Database } from '../platform/db/database.ts';
import { violationOf } from '../platform/db/errors.ts';
import { findDemonstrationOf } from './store/demonstrations.ts';
import { deleteDemonstration, emptyOfDemonstration, findOrganizationTables } from './store/removal.ts';

/** What deleting writes anew, such as history, and what refers to each other goes in the next round. */
const MOST_ROUNDS = 12;

/**
 * Deletes the demonstration of an organization whole, batch by batch; safe to repeat.
 * @param loader whose demonstration it is
 * @throws the reason of `signal` between two batches once it is aborted
 */
export async function removeDemonstration(db: Database, loader: OrgId, signal: AbortSignal): Promise<void> {
  const demonstration = await findDemonstrationOf(db, loader);
  if (demonstration === undefined) return;
  const tables = await findOrganizationTables(db);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    let isChanged = false;
    for (const table of tables) {
      const outcome = await emptyTable(table);
      isChanged ||= outcome !== 'unchanged';
    }
    if (!isChanged) return deleteDemonstration(db, demonstration, loader);
  }
  throw new Error('The demonstration could not be removed: tables refer to each other.');

  async function emptyTable(table: string): Promise<'unchanged' | 'changed'> {
    let changed = false;
    try {
      for (;;) {
        signal.throwIfAborted();
        const { rows, isEmpty } = await emptyOfDemonstration(db, table, demonstration as OrgId, loader);
        changed ||= rows > 0;
        if (isEmpty) return changed ? 'changed' : 'unchanged';
      }
    } catch (error) {
      // Rows of a table that is emptied later refer to these.
      if (violationOf(error)?.kind === 'foreign_key') return 'changed';
      throw error;
    }
  }
}
