import { findNames } from '../../audit/store/names.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { requireWholeOrganization } from '../../directory/roles/rules/guards.ts';
import type { Database } from '../../platform/db/database.ts';
import { isUuid } from '../../platform/ids.ts';
import type { ScimConnectionQueries } from '../queries.ts';
import { type Advice, adviceOn } from './rules/advice.ts';
import { summaryOf } from './rules/words.ts';
import {
  findLogRow,
  type ListedRequest,
  type LogFilter,
  type StoredRequest,
  searchLog,
} from './store/read.ts';

/** A request of the log, in words. */
export interface LoggedRequest<Row extends ListedRequest = ListedRequest> {
  readonly row: Row;
  readonly summary: string;
  readonly advice: Advice | undefined;
  /** What the target is called today; null where it has no name any more. */
  readonly name: string | null;
}

export interface LogPage {
  readonly requests: readonly LoggedRequest[];
  /** The id that the next page is below; undefined on the last page. */
  readonly next: string | undefined;
}

export interface LogQueries {
  /**
   * Requests of a connection, or of all, the newest first. A page may hold fewer than `limit` and still have a next one.
   * @throws DomainError `forbidden`, `not_found`
   */
  search(by: Authority, filter: LogFilter, before: string | undefined, limit: number): Promise<LogPage>;
  /** @throws DomainError `forbidden`, `not_found` */
  get(by: Authority, connection: ConnectionId, id: string): Promise<LoggedRequest<StoredRequest>>;
}

/** One page goes on searching for so long before it says where to go on. */
const SEARCH_MS = 400;

/** Builds the questions about the provisioning log. Needs `scim:manage`. */
export function createLogQueries({
  db,
  connections,
}: {
  readonly db: Database;
  readonly connections: Pick<ScimConnectionQueries, 'get'>;
}): LogQueries {
  const inWords = async <Row extends ListedRequest>(
    by: Authority,
    rows: readonly Row[],
  ): Promise<LoggedRequest<Row>[]> => {
    const ids = rows.flatMap(({ user, group }) => user ?? group ?? []);
    const names = await findNames(db, by.org, [...new Set(ids)]);
    return rows.map((row) => {
      const id = row.user ?? row.group;
      const found = id === null ? undefined : names.get(id);
      const name = (found?.type === 'user' ? (found.email ?? found.name) : found?.name) ?? undefined;
      return {
        row,
        summary: summaryOf({ ...row, name }),
        advice: adviceOn(row.status, row.errorCode),
        name: name ?? null,
      };
    });
  };

  return {
    search: async (by, filter, before, limit) => {
      requireWholeOrganization(by, 'scim:manage');
      if (filter.connection !== undefined) await connections.get(by, filter.connection);
      const rows: ListedRequest[] = [];
      let next = before;
      const until = performance.now() + SEARCH_MS;
      do {
        const slice = await searchLog(db, by.org, filter, next, limit - rows.length);
        rows.push(...slice.rows);
        next = slice.next;
      } while (next !== undefined && rows.length < limit && performance.now() < until);
      return { requests: await inWords(by, rows), next };
    },

    get: async (by, connection, id) => {
      await connections.get(by, connection);
      const row = isUuid(id) ? await findLogRow(db, by.org, connection, id) : undefined;
      if (row === undefined) throw notFound('scim_request');
      return (await inWords(by, [row]))[0] as LoggedRequest<StoredRequest>;
    },
  };
}
