import type { LoggedRequest } from './queries.ts';
import { replayObstacle } from './rules/replayable.ts';
import type { StoredRow } from './store/read.ts';

/** @returns a request of the log as answers show it, without its bodies */
export function presentRequest({ row, summary, advice, name }: LoggedRequest) {
  const target =
    row.user_id !== null
      ? { type: 'user' as const, id: row.user_id, name }
      : row.group_id !== null
        ? { type: 'group' as const, id: row.group_id, name }
        : null;
  return {
    id: row.id,
    at: row.at,
    connectionId: row.connection_id,
    client: row.user_agent,
    method: row.method,
    path: row.path,
    query: row.query,
    status: row.status,
    ms: Math.round(row.ms * 10) / 10,
    summary,
    target,
    changes: (row.changes ?? []).map(({ action, attributes, count, to }) => ({
      action,
      attributes: [...(attributes ?? [])],
      count: count ?? null,
      to: to ?? null,
    })),
    ignored: [...(row.ignored ?? [])],
    quirks: [...(row.quirks ?? [])],
    notes: [...(row.notes ?? [])],
    error:
      advice === undefined
        ? null
        : { code: row.error_code, detail: row.detail, meaning: advice.meaning, remedy: advice.remedy },
    replayOf: row.replay_of,
  };
}

/** @returns the same with its bodies */
export function presentWholeRequest(request: LoggedRequest<StoredRow>) {
  const { row } = request;
  return {
    ...presentRequest(request),
    request: { state: row.request_state, bytes: row.request_bytes, body: row.request },
    response: { state: row.response_state, bytes: row.response_bytes ?? 0, body: row.response },
    emptiedAt: row.emptied_at,
    notReplayable: replayObstacle(row) ?? null,
  };
}
