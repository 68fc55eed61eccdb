import { sweepExpired } from '../directory/store/sweeping.ts';
import type { Database } from '../platform/db.ts';

/** Takes away what has run out: exports, answered requests, old sessions. */
export async function sweep(db: Database, now: () => Date): Promise<void> {
  await sweepExpired(db, now().toISOString());
}
