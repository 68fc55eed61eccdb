import type { OrgId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import { smallestUuidv7, timeOfUuidv7 } from '../../platform/ids.ts';
import type { EventAction } from '../catalogue.ts';
import type { EventOutcome, TargetType } from '../declaration.ts';

/** An event as the audit trail shows it. */
export interface AuditRecord {
  readonly id: string;
  /** ISO 8601 */
  readonly at: string;
  readonly action: EventAction;
  readonly outcome: EventOutcome;
  readonly actorType: string;
  readonly actorId: string;
  readonly via: string;
  /** The user whose API key acted. */
  readonly actorUserId: string | null;
  /** The key with which a service account acted. */
  readonly actorKeyId: string | null;
  readonly targetType: TargetType;
  readonly targetId: string;
  readonly memberId: string | null;
  readonly changes: {
    readonly attributes?: readonly string[];
    readonly values?: Readonly<Record<string, readonly [unknown, unknown]>>;
  } | null;
  readonly reason: string | null;
  readonly requestId: string | null;
  readonly sessionId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** Of the address, as it was known then: ISO 3166-1 alpha-2. */
  readonly country: string | null;
}

const AUDIT_COLUMNS = `id, at, action, outcome, actor_type as "actorType", actor_id as "actorId", via,
  actor_user_id as "actorUserId", actor_key_id as "actorKeyId", target_type as "targetType",
  target_id as "targetId", member_id as "memberId", changes, reason, request_id as "requestId",
  session_id as "sessionId", host(ip) as ip, user_agent as "userAgent", country`;

/** What events have in common that a search finds; each that is given holds. */
export interface AuditFilter {
  /** ISO 8601; not before. */
  readonly from?: string | undefined;
  /** ISO 8601; before. */
  readonly to?: string | undefined;
  /** Ids of who did it. */
  readonly actors?: readonly string[] | undefined;
  /** Ids of what it was done to. */
  readonly targets?: readonly string[] | undefined;
  /** Ids of actors, targets or other parties: an event has one of each list. */
  readonly parties?: readonly (readonly string[])[] | undefined;
  readonly actions?: readonly EventAction[] | undefined;
  readonly outcome?: EventOutcome | undefined;
  readonly via?: string | undefined;
  readonly requestId?: string | undefined;
}

/** A part of a search: what was found in it, and where the search goes on. */
export interface AuditSlice {
  readonly rows: readonly AuditRecord[];
  /** The id that all later slices are below; undefined when nothing is left to search. */
  readonly next: string | undefined;
}

/** Events read by one statement at most, of which the search keeps those that match: some tens of milliseconds. */
const SCANNED = 20_000;
/** How many of the rarest values a search counts before it chooses an index. */
const PROBED = 2_000;
/** An event is recorded under an id of its own time; clocks of processes may differ by so much. */
const SLACK_MS = 3_600_000;
/** The same of a request, which one process carries out. */
const CLOCKS_MS = 60_000;
/** A request has ended after so long, and its events with it. */
const REQUEST_MS = 300_000;

const columns = { actor_id: 'text', target_id: 'uuid', member_id: 'uuid', action: 'text' } as const;
type IndexedColumn = keyof typeof columns;

/** Values of an indexed column, of which an event must have one. */
interface Lookup {
  readonly column: IndexedColumn;
  readonly values: readonly string[];
}

/** Alternatives of a filter that indexes find: an event fulfils one of them. */
type Driver = readonly Lookup[];

/**
 * Finds events, the newest first. However many events there are, one call reads a bounded number: what is rare is read
 * from the index that has it, and where every condition is common by itself but rare together, a call may return fewer
 * rows than asked for, and says where to go on.
 * @param before the id that all events are below; undefined for the newest
 */
export async function searchEvents(
  db: Database,
  org: OrgId,
  filter: AuditFilter,
  before: string | undefined,
  limit: number,
): Promise<AuditSlice> {
  const drivers = driversOf(filter);
  const range = rangeOf(filter, before);
  const driver = drivers.length > 1 ? await rarest(db, org, drivers, range) : drivers[0];
  const residual = { ...filter, drivers: drivers.filter((one) => one !== driver) };
  return scan(db, org, driver, residual, range, limit);
}

const one = (column: IndexedColumn, values: readonly string[] | undefined): Driver[] =>
  values === undefined ? [] : [[{ column, values }]];

function driversOf({ actors, targets, parties, actions }: AuditFilter): Driver[] {
  return [
    ...(parties ?? []).map((values) =>
      (['actor_id', 'target_id', 'member_id'] as const).map((column) => ({ column, values })),
    ),
    ...one('target_id', targets),
    ...one('actor_id', actors),
    ...one('action', actions),
  ];
}

/** Bounds of ids and times: ids choose the rows of an index, times the months. */
interface Range {
  readonly above: string | undefined;
  readonly below: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

function rangeOf({ from, to, requestId }: AuditFilter, before: string | undefined): Range {
  const began = requestId === undefined ? [] : [timeOfUuidv7(requestId).getTime()];
  const starts = [
    ...(from === undefined ? [] : [Date.parse(from) - SLACK_MS]),
    ...began.map((time) => time - CLOCKS_MS),
  ];
  const ends = [
    ...(to === undefined ? [] : [Date.parse(to) + SLACK_MS]),
    ...began.map((time) => time + REQUEST_MS),
    ...(before === undefined ? [] : [timeOfUuidv7(before).getTime() + SLACK_MS]),
  ];
  const above = starts.length === 0 ? undefined : smallestUuidv7(Math.max(...starts));
  const end = ends.length === 0 ? undefined : smallestUuidv7(Math.min(...ends));
  return {
    above,
    below: [before, end].filter((id) => id !== undefined).sort()[0],
    from: above === undefined ? undefined : timeOfUuidv7(above).toISOString(),
    to: end === undefined ? undefined : timeOfUuidv7(end).toISOString(),
  };
}

type Bind = (value: unknown) => string;

function binding(org: OrgId): { readonly values: unknown[]; readonly bind: Bind } {
  const values: unknown[] = [org];
  return { values, bind: (value) => `$${values.push(value)}` };
}

function rangeSql({ above, below, from, to }: Range, bind: Bind): string {
  return [
    'e.org_id = $1',
    ...(above === undefined ? [] : [`e.id >= ${bind(above)}::uuid`]),
    ...(below === undefined ? [] : [`e.id < ${bind(below)}::uuid`]),
    ...(from === undefined ? [] : [`e.at >= ${bind(from)}::timestamptz`]),
    ...(to === undefined ? [] : [`e.at < ${bind(to)}::timestamptz`]),
  ].join(' and ');
}

/** The driver that finds the fewest events, counted up to a bound. */
async function rarest(
  db: Database,
  org: OrgId,
  drivers: readonly Driver[],
  range: Range,
): Promise<Driver | undefined> {
  const { values, bind } = binding(org);
  const counts = drivers.map((driver) => {
    const parts = driver.map(
      ({ column, values: wanted }) => `select from unnest(${bind(wanted)}::${columns[column]}[]) as v
        cross join lateral (select from events e where ${rangeSql(range, bind)} and e.${column} = v
          limit ${PROBED}) found`,
    );
    return `(select count(*) from (${parts.map((part) => `(${part} limit ${PROBED})`).join(' union all ')}) counted)`;
  });
  const [row] = await db.search<{ counts: number[] }>(`select array[${counts.join(', ')}] as counts`, values);
  const found = (row?.counts ?? []).map(Number);
  return drivers[found.indexOf(Math.min(...found))];
}

interface ScannedRow extends AuditRecord {
  readonly floor: string | null;
}

async function scan(
  db: Database,
  org: OrgId,
  driver: Driver | undefined,
  residual: AuditFilter & { readonly drivers: readonly Driver[] },
  range: Range,
  limit: number,
): Promise<AuditSlice> {
  const { values, bind } = binding(org);
  const conditions = residualSql(residual, bind);
  const lookups = driver ?? [];
  const scans = Math.max(
    1,
    lookups.reduce((sum, { values: wanted }) => sum + wanted.length, 0),
  );
  const most = conditions.length === 0 ? limit + 1 : Math.max(limit + 1, Math.floor(SCANNED / scans));
  const newest = (condition: string) => `select e.* from events e
    where ${rangeSql(range, bind)}${condition} order by e.id desc limit ${most}`;
  const parts =
    lookups.length === 0
      ? [`select '' as scan, s.* from (${newest('')}) s`]
      : lookups.map(
          ({ column, values: wanted }) => `select '${column} ' || v as scan, s.*
            from unnest(${bind(wanted)}::${columns[column]}[]) as v cross join lateral (${newest(` and e.${column} = v`)}) s`,
        );
  // Where a scan was cut short, nothing below its last row is known yet.
  const text = `with scanned as materialized (${parts.join(' union all ')}),
    cut as (
      select max(last) as floor from (
        select min(id::text) as last from scanned group by scan having count(*) = ${most}
      ) each
    ),
    matching as (
      select distinct on (s.id) s.* from scanned s cross join cut
      where ${['(cut.floor is null or s.id >= cut.floor::uuid)', ...conditions].join(' and ')}
      order by s.id desc limit ${limit + 1}
    )
    select ${AUDIT_COLUMNS}, cut.floor from cut left join matching on true order by id desc`;
  const rows = await db.search<ScannedRow>(text, values);
  const floor = rows[0]?.floor ?? undefined;
  const found = rows.filter(({ id }) => id !== null).map(({ floor: _floor, ...row }) => row);
  const page = found.slice(0, limit);
  return { rows: page, next: found.length > limit ? page.at(-1)?.id : floor };
}

function residualSql(
  { from, to, outcome, via, requestId, drivers }: AuditFilter & { readonly drivers: readonly Driver[] },
  bind: Bind,
): string[] {
  return [
    ...(from === undefined ? [] : [`s.at >= ${bind(from)}::timestamptz`]),
    ...(to === undefined ? [] : [`s.at < ${bind(to)}::timestamptz`]),
    ...(outcome === undefined ? [] : [`s.outcome = ${bind(outcome)}::text`]),
    ...(via === undefined ? [] : [`s.via = ${bind(via)}::text`]),
    ...(requestId === undefined ? [] : [`s.request_id = ${bind(requestId)}::text`]),
    ...drivers.map(
      (driver) =>
        `(${driver.map(({ column, values }) => `s.${column} = any(${bind(values)}::${columns[column]}[])`).join(' or ')})`,
    ),
  ];
}

/** One event. @param id a UUIDv7: its time says in which month it is */
export async function findEvent(db: Database, org: OrgId, id: string): Promise<AuditRecord | undefined> {
  const time = timeOfUuidv7(id).getTime();
  const [row] = await db.search<AuditRecord>(
    `select ${AUDIT_COLUMNS} from events where org_id = $1 and id = $2 and at between $3 and $4`,
    [org, id, new Date(time - SLACK_MS).toISOString(), new Date(time + SLACK_MS).toISOString()],
  );
  return row;
}

/** Events by their ids, in no order. @param span times between which they were recorded */
export function findEvents(
  db: Database,
  org: OrgId,
  ids: readonly string[],
  span: { readonly from: string; readonly to: string },
): Promise<AuditRecord[]> {
  return db.search<AuditRecord>(
    `select ${AUDIT_COLUMNS} from events where org_id = $1 and id = any($2::uuid[]) and at between $3 and $4`,
    [org, ids, span.from, span.to],
  );
}
