import { copyLine, textArray } from '../../../platform/db/copy.ts';
import type { Database } from '../../../platform/db/database.ts';
import type { KeptRequest } from '../entry.ts';

/** The column of each field, and how a value that is not text is written. */
const columns: { readonly [Name in keyof KeptRequest]: readonly [column: string, write?: Write<Name>] } = {
  org: ['org_id'],
  id: ['id'],
  at: ['at'],
  connection: ['connection_id'],
  method: ['method'],
  path: ['path'],
  query: ['query'],
  status: ['status', String],
  ms: ['ms', String],
  userAgent: ['user_agent'],
  user: ['user_id'],
  group: ['group_id'],
  changes: ['changes', JSON.stringify],
  ignored: ['ignored', textArray],
  quirks: ['quirks', textArray],
  notes: ['notes', textArray],
  errorCode: ['error_code'],
  detail: ['detail'],
  ifMatch: ['if_match'],
  request: ['request'],
  requestState: ['request_state'],
  requestBytes: ['request_bytes', String],
  response: ['response'],
  responseState: ['response_state'],
  responseBytes: ['response_bytes', String],
  mentions: ['mentions', textArray],
  replayOf: ['replay_of'],
  partOf: ['part_of'],
  bulk: ['bulk', JSON.stringify],
};

type Write<Name extends keyof KeptRequest> = (value: NonNullable<KeptRequest[Name]>) => string;

const fields = Object.entries(columns).map(([name, [, write]]) => ({
  name: name as keyof KeptRequest,
  write: write as ((value: unknown) => string) | undefined,
}));
const copy = `copy scim_requests (${Object.values(columns)
  .map(([column]) => column)
  .join(', ')}) from stdin`;

/** A row of the log as `copyLogRows` takes it: one text while it waits, not an object of many. */
export function logLine(row: KeptRequest): string {
  return copyLine(
    fields.map(({ name, write }) => {
      const value = row[name];
      return value === null || write === undefined ? (value as string | null) : write(value);
    }),
  );
}

/**
 * Writes rows of the log, all or none.
 * @param lines of `logLine`
 * @throws DatabaseUnavailable; pg.DatabaseError `unique_violation` if they were written before
 */
export function copyLogRows(db: Database, lines: readonly string[]): Promise<void> {
  return db.copy('scim-log', copy, lines.join(''));
}
