import { countWaitingEvents } from '../audit/feed.ts';
import type { OrgId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import type { Database } from '../platform/db/database.ts';
import type { Executor } from '../platform/db/statement.ts';
import { healthOf, type StreamState } from './rules/health.ts';
import { findStream, listStreams, type StoredStream } from './store/streams.ts';

/** A stream with how far it has come. */
export interface Stream extends Omit<StoredStream, 'sealedClientKey'> {
  readonly state: StreamState;
  readonly sentence: string;
  readonly waiting: number;
  readonly moreWaiting: boolean;
  /** When the first event that waits happened, ISO 8601; null if none waits. */
  readonly waitingSince: string | null;
}

export interface StreamQueries {
  /** All streams, the oldest first. @throws DomainError `forbidden` */
  list(by: Authority): Promise<readonly Stream[]>;
  /** @throws DomainError `not_found`, `forbidden` */
  get(by: Authority, id: string): Promise<Stream>;
}

/** More than this is shown as "more than". */
const MOST_COUNTED = 10_000;

/** Builds the questions about streams. Need `webhooks:manage`. */
export function createStreamQueries({ db }: { readonly db: Database }): StreamQueries {
  return {
    list: async (by) => {
      requireWholeOrganization(by, 'webhooks:manage');
      const rows = await listStreams(db, by.org);
      return Promise.all(rows.map((row) => withProgress(db, by.org, row)));
    },
    get: async (by, id) => {
      requireWholeOrganization(by, 'webhooks:manage');
      const row = await findStream(db, by.org, id);
      if (row === undefined) throw notFound('audit_stream');
      return withProgress(db, by.org, row);
    },
  };
}

/** Adds what waits for a stream. */
export async function withProgress(
  db: Executor,
  org: OrgId,
  { sealedClientKey: _key, ...row }: StoredStream,
): Promise<Stream> {
  const { events, oldestAt } = await countWaitingEvents(db, org, `stream:${row.id}`, MOST_COUNTED + 1);
  const waiting = Math.min(events, MOST_COUNTED);
  const moreWaiting = events > MOST_COUNTED;
  const health = healthOf({
    paused: row.disabledAt !== null,
    failures: row.failures,
    lastError: row.lastError,
    waiting,
    moreWaiting,
    deliveredEventAt: row.deliveredEventAt,
  });
  return { ...row, ...health, waiting, moreWaiting, waitingSince: oldestAt };
}
