import { actionsOf, type EventAction } from '../audit/catalogue.ts';
import type { AuditEvent, AuditQueries } from '../audit/queries.ts';
import { findNames, type PartyName } from '../audit/store/names.ts';
import type { UserId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import type { Database } from '../platform/db/database.ts';
import { timeOfUuidv7 } from '../platform/ids.ts';
import { joinByTime, type Position, type SourcePage } from './rules/timeline.ts';
import { type LogPlace, readActivity, type StoredActivity } from './store/log.ts';

/** What applications report, as the source of an entry; other sources are those of audit events. */
export const APPLICATION = 'application';

/** What an entry of the log is looked for by; each that is given holds. */
export interface LogSearch {
  /** Undefined: of everybody in the organization. */
  readonly users: readonly UserId[] | undefined;
  /** ISO 8601; not before. */
  readonly from: string | undefined;
  /** ISO 8601; before. */
  readonly to: string | undefined;
  /** Types of activity events, names of audit events, or all of a noun (`user.*`): any of them. */
  readonly types: readonly string[] | undefined;
  /** `application`, or how an audit event was done. */
  readonly source: string | undefined;
}

export type LogEntry =
  | { readonly kind: 'activity'; readonly row: StoredActivity; readonly user: PartyName | undefined }
  | { readonly kind: 'audit'; readonly event: AuditEvent };

/** Where the log goes on. */
export interface LogCursor {
  readonly activity: Position<LogPlace>;
  readonly audit: Position<string>;
}

export interface LogPage {
  readonly entries: readonly LogEntry[];
  /** Undefined on the last page. */
  readonly next: LogCursor | undefined;
}

/** Users about whom the audit trail is asked by name; of more, its newest events are looked through. */
const MOST_NAMED = 100;
const LOOKED_THROUGH = 500;
const PATIENCE_MS = 400;

/**
 * A page of the log, which joins what applications reported with the events of the audit trail about the same users, the
 * newest first. A page may hold fewer entries than `limit` and still have a next one.
 */
export async function readLog(
  { db, audit }: { readonly db: Database; readonly audit: AuditQueries },
  by: Authority,
  search: LogSearch,
  from: LogCursor,
  limit: number,
): Promise<LogPage> {
  const [left, right] = await Promise.all([
    activityPage(db, by, search, from.activity, limit),
    auditPage(audit, by, search, from.audit, limit),
  ]);
  const page = joinByTime<StoredActivity | AuditEvent, StoredActivity | AuditEvent, LogPlace, string>(
    left as SourcePage<StoredActivity | AuditEvent, LogPlace>,
    right as SourcePage<StoredActivity | AuditEvent, string>,
    limit,
  );
  const users = page.entries.flatMap((entry) => ('user' in entry ? [entry.user] : []));
  const names = await findNames(db, by.org, [...new Set(users)]);
  const entries = page.entries.map(
    (entry): LogEntry =>
      'user' in entry
        ? { kind: 'activity', row: entry, user: names.get(entry.user) }
        : { kind: 'audit', event: entry },
  );
  const isOver = page.left === 'end' && page.right === 'end';
  return { entries, next: isOver ? undefined : { activity: page.left, audit: page.right } };
}

async function activityPage(
  db: Database,
  { org }: Authority,
  { users, from, to, types, source }: LogSearch,
  before: Position<LogPlace>,
  limit: number,
): Promise<SourcePage<StoredActivity, LogPlace>> {
  const page = {
    from: before,
    placeOf: ({ at, id }: StoredActivity) => ({ at, id }),
    timeOf: ({ at }: StoredActivity) => at,
    timeAt: ({ at }: LogPlace) => at,
  };
  const own = types?.filter((type) => !type.includes('.'));
  if (before === 'end' || own?.length === 0 || (source !== undefined && source !== APPLICATION)) {
    return { ...page, items: [], next: 'end' };
  }
  const { rows, next } = await readActivity(db, org, { users, from, to, types: own }, before, limit);
  return { ...page, items: rows, next: next ?? 'end' };
}

async function auditPage(
  audit: AuditQueries,
  by: Authority,
  { users, from, to, types, source }: LogSearch,
  before: Position<string>,
  limit: number,
): Promise<SourcePage<AuditEvent, string>> {
  const page = {
    from: before,
    placeOf: ({ row }: AuditEvent) => row.id,
    timeOf: ({ row }: AuditEvent) => row.at,
    timeAt: (id: string) => timeOfUuidv7(id).toISOString(),
  };
  const actions: readonly EventAction[] | undefined = types?.flatMap(actionsOf);
  if (before === 'end' || actions?.length === 0 || source === APPLICATION || users?.length === 0) {
    return { ...page, items: [], next: 'end' };
  }
  const wanted = { from, to, actions, via: source };
  if (users === undefined || users.length <= MOST_NAMED) {
    const found = await audit.search(by, { ...wanted, about: users }, before, limit);
    return { ...page, items: found.events, next: found.next ?? 'end' };
  }
  const visible = new Set<string>(users);
  const items: AuditEvent[] = [];
  const until = Date.now() + PATIENCE_MS;
  let next: string | undefined = before;
  do {
    const found = await audit.search(by, wanted, next, LOOKED_THROUGH);
    items.push(...found.events.filter((event) => isAbout(event, visible)));
    next = found.next;
  } while (next !== undefined && items.length < limit && Date.now() < until);
  return { ...page, items, next: next ?? 'end' };
}

const isAbout = ({ row, actor }: AuditEvent, users: ReadonlySet<string>): boolean =>
  [actor.id, row.targetId, row.memberId].some((id) => id !== null && users.has(id));
