import type { Statement } from './statement.ts';

/** Whether a statement may share a connection: a short read with everybody's, a write with its organization's. */
export type StatementKind = 'read' | 'write' | 'search';

const WRITES_OR_LOCKS =
  /\b(insert|update|delete|merge|lock|pg_\w*advisory\w*|for\s+(no\s+key\s+)?(update|share)|for\s+key\s+share)\b/i;

/**
 * Builds the classifier of statements. What writes or locks is a write, by its text, so that no caller has to
 * declare it; a read that is marked as long is a search. A word that only looks like a write costs nothing but a
 * connection of its own.
 */
export function createStatementKinds(): (statement: Statement) => StatementKind {
  const known = new Map<string, StatementKind>();
  return ({ name, text, long = false }) => {
    let kind = known.get(name);
    if (kind === undefined) {
      kind = WRITES_OR_LOCKS.test(text) ? 'write' : long ? 'search' : 'read';
      known.set(name, kind);
    }
    return kind;
  };
}
