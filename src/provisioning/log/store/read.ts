import type { ConnectionId, OrgId } from '../../../directory/ids.ts';
import type { Database } from '../../../platform/db/database.ts';
import { smallestUuidv7, timeOfUuidv7 } from '../../../platform/ids.ts';
import type { KeptRequest } from '../entry.ts';

/** What the requests that a search finds have in common; each condition that is given holds. */
export interface LogFilter {
  /** Undefined: those of all connections. */
  readonly connection?: ConnectionId | undefined;
  /** From one status to another. */
  readonly status?: readonly [from: number, to: number] | undefined;
  readonly method?: string | undefined;
  /** A part of the path or the query, without regard to case. */
  readonly text?: string | undefined;
  /** The id of a user who is the target, or named in a body or in the query. */
  readonly user?: string | undefined;
  /** The id of the group that is the target. */
  readonly group?: string | undefined;
  /** The Bulk whose operations they are. */
  readonly partOf?: string | undefined;
  /** ISO 8601; not before, and before. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A row as it is read. */
export type StoredRequest = Omit<KeptRequest, 'org'> & { readonly emptiedAt: string | null };
/** A row of a list: without its bodies. */
export type ListedRequest = Omit<StoredRequest, 'request' | 'response' | 'mentions' | 'ifMatch'>;

/** A part of a search: what was found in it, and the id that all later parts are below. */
export interface LogSlice {
  readonly rows: readonly ListedRequest[];
  readonly next: string | undefined;
}

/** An operation that begins so long after its Bulk is not looked for: none does. */
const BULK_MS = 60 * 60 * 1_000;
/** Rows read by one statement at most, of which the search keeps those that match. */
const SCANNED = 2_000;

const LISTED = `id, at, connection_id as connection, method, path, query, status, ms, user_agent as "userAgent",
  user_id as "user", group_id as "group", changes, ignored, quirks, notes, error_code as "errorCode",
  detail, request_state as "requestState", request_bytes as "requestBytes", response_state as "responseState",
  response_bytes as "responseBytes", replay_of as "replayOf", part_of as "partOf", bulk, emptied_at as "emptiedAt"`;

/**
 * Searches the log, the newest first: it reads on from `before`, in an index that holds the rows of the connection, its
 * failures, the group or the user, so many rows and no more, and says where to go on.
 */
export async function searchLog(
  db: Database,
  org: OrgId,
  filter: LogFilter,
  before: string | undefined,
  limit: number,
): Promise<LogSlice> {
  const values: unknown[] = [org];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const [scanned, residual] = conditionsOf(filter, before, bind);
  const most = residual.length === 0 ? limit + 1 : SCANNED;
  // A user's rows are few and are found by what names them; the planner is not asked.
  const from =
    filter.user === undefined
      ? 'scim_requests r where'
      : `(select * from scim_requests where mentions @> array[${bind(filter.user)}]::text[] offset 0) r where`;
  const text = `with scanned as materialized (
      select ${LISTED} from ${from} ${scanned.join(' and ')} order by id desc limit ${most}
    ), cut as (select min(id::text) as floor from scanned having count(*) = ${most}),
    matching as (
      select * from scanned ${residual.length === 0 ? '' : `where ${residual.join(' and ')}`}
      order by id desc limit ${limit + 1}
    )
    select m.*, cut.floor from (select true as one) o left join cut on true left join matching m on true
    order by m.id desc`;
  const rows = await db.search<ListedRequest & { readonly floor: string | null }>(text, values);
  const floor = rows[0]?.floor ?? undefined;
  const found = rows.filter(({ id }) => id !== null).map(({ floor: _, ...row }) => row);
  const page = found.slice(0, limit);
  return { rows: page, next: found.length > limit ? page.at(-1)?.id : floor };
}

type Conditions = readonly [scanned: readonly string[], residual: readonly string[]];

/** The conditions that an index answers, and those that are checked row by row. */
function conditionsOf(
  filter: LogFilter,
  before: string | undefined,
  bind: (value: unknown) => string,
): Conditions {
  const { connection, status, method, text, group, partOf, from, to } = filter;
  const scanned = ['r.org_id = $1'];
  const residual: string[] = [];
  if (connection !== undefined) scanned.push(`r.connection_id = ${bind(connection)}`);
  if (group !== undefined) scanned.push(`r.group_id = ${bind(group)}`);
  if (status !== undefined) {
    const [low, high] = status;
    if (low >= 400) scanned.push('r.status >= 400');
    if (low > 400 || high < 599) residual.push(`status between ${bind(low)} and ${bind(high)}`);
  }
  // An id is made of its time, which also says in which partition the row is.
  if (from !== undefined) {
    scanned.push(`r.id >= ${bind(smallestUuidv7(Date.parse(from)))}::uuid`);
    scanned.push(`r.at >= ${bind(from)}`);
  }
  // The operations of a Bulk come after it.
  if (partOf !== undefined) {
    const began = timeOfUuidv7(partOf).getTime();
    scanned.push(`r.id > ${bind(partOf)}::uuid`, `r.id < ${bind(smallestUuidv7(began + BULK_MS))}::uuid`);
    scanned.push(`r.at >= ${bind(new Date(began).toISOString())}`);
    scanned.push(`r.at < ${bind(new Date(began + BULK_MS).toISOString())}`);
    residual.push(`"partOf" = ${bind(partOf)}::uuid`);
  }
  if (to !== undefined) {
    scanned.push(`r.id < ${bind(smallestUuidv7(Date.parse(to)))}::uuid`);
    scanned.push(`r.at < ${bind(to)}`);
  }
  if (before !== undefined) {
    scanned.push(`r.id < ${bind(before)}::uuid`);
    scanned.push(`r.at <= ${bind(timeOfUuidv7(before).toISOString())}`);
  }
  if (method !== undefined) residual.push(`method = ${bind(method)}`);
  if (text !== undefined) {
    const like = bind(`%${text.replaceAll(/[\\%_]/g, '\\$&')}%`);
    residual.push(`(path ilike ${like} or query ilike ${like})`);
  }
  return [scanned, residual];
}

/** One request of a connection, with its bodies. @param id the request's id, whose time says in which partition it is */
export async function findLogRow(
  db: Database,
  org: OrgId,
  connection: ConnectionId,
  id: string,
): Promise<StoredRequest | undefined> {
  const [row] = await db.search<StoredRequest>(
    `select ${LISTED}, if_match as "ifMatch", request, response, mentions from scim_requests
      where org_id = $1 and connection_id = $2 and id = $3 and at = $4`,
    [org, connection, id, timeOfUuidv7(id).toISOString()],
  );
  return row;
}
