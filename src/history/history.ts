import type { AuditQueries } from '../audit/queries.ts';
import type { Database } from '../platform/db/database.ts';
import { type ChangeQueries, createChangeQueries } from './change-queries.ts';
import { createHistoryReader, type HistoryReader } from './queries.ts';

/** What was, and what changed. */
export type History = HistoryReader & ChangeQueries;

/** Builds it. */
export function createHistory({
  db,
  now,
  audit,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly audit: AuditQueries;
}): History {
  const reader = createHistoryReader({ db, now });
  return { ...reader, ...createChangeQueries({ db, audit, reader }) };
}
