import type { LoggedRequest } from './queries.ts';
import { replayObstacle } from './rules/replayable.ts';
import type { StoredRequest } from './store/read.ts';

/** @returns a request of the log as answers show it, without its bodies */
export function presentRequest({ row, summary, advice, name }: LoggedRequest) {
  const target =
    row.user !== null
      ? { type: 'user' as const, id: row.user, name }
      : row.group !== null
        ? { type: 'group' as const, id: row.group, name }
        : null;
  return {
    id: row.id,
    at: row.at,
    connectionId: row.connection,
    client: row.userAgent,
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
        : { code: row.errorCode, detail: row.detail, meaning: advice.meaning, remedy: advice.remedy },
    replayOf: row.replayOf,
    partOf: row.partOf,
    bulk: row.bulk,
  };
}

/** @returns the same with its bodies */
export function presentWholeRequest(request: LoggedRequest<StoredRequest>) {
  const { row } = request;
  return {
    ...presentRequest(request),
    request: { state: row.requestState, bytes: row.requestBytes, body: row.request },
    response: { state: row.responseState, bytes: row.responseBytes ?? 0, body: row.response },
    emptiedAt: row.emptiedAt,
    notReplayable: replayObstacle(row) ?? null,
  };
}
