import type { Executor, Statement } from '../../platform/statement.ts';
import type { GroupId, OrgId, UserId } from '../ids.ts';
import type { Role } from '../users/user.ts';

const insert: Statement = {
  name: 'elevation-insert',
  text: `insert into elevations (org_id, id, user_id, role, justification, ticket, state, duration_minutes,
      requested_by, decided_by, created_at, starts_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
};

/** An elevation that begins, or waits for somebody to allow it. Times are ISO 8601. */
export interface NewElevation {
  readonly id: string;
  readonly user: UserId;
  readonly role: Role;
  readonly justification: string;
  readonly ticket: string | undefined;
  readonly minutes: number;
  readonly requestedBy: UserId;
  /** Undefined if it waits. */
  readonly granted: { readonly by: UserId; readonly expiresAt: string } | undefined;
}

export async function insertElevation(
  tx: Executor,
  org: OrgId,
  elevation: NewElevation,
  at: string,
): Promise<void> {
  const { id, user, role, justification, ticket, minutes, requestedBy, granted } = elevation;
  await tx.query(insert, [
    org,
    id,
    user,
    role,
    justification,
    ticket ?? null,
    granted === undefined ? 'pending' : 'active',
    minutes,
    requestedBy,
    granted?.by ?? null,
    at,
    granted === undefined ? null : at,
    granted?.expiresAt ?? null,
  ]);
}

/** The states of an elevation; `expired` is derived from the time and kept nowhere (PRODUCT §1.5). */
export const ELEVATION_STATES = ['pending', 'active', 'expired', 'revoked', 'rejected', 'cancelled'] as const;
export type ElevationState = (typeof ELEVATION_STATES)[number];

/** `$2` is the time. */
const stateNow = `case when e.state = 'active' and e.expires_at <= $2::timestamptz then 'expired' else e.state end`;

const columns = `e.id, e.user_id, coalesce(u.email, u.user_name) as email, u.profile ->> 'displayName' as name,
  e.role, ${stateNow} as state, e.justification, e.ticket, e.duration_minutes, e.requested_by, e.decided_by,
  e.created_at, e.starts_at, e.expires_at, e.ended_at`;
const source = 'elevations e join users u on u.org_id = e.org_id and u.id = e.user_id';

/** An elevation with whose it is. Times are ISO 8601. */
export interface ElevationRow {
  readonly id: string;
  readonly user_id: UserId;
  readonly email: string;
  readonly name: string | null;
  readonly role: Role;
  readonly state: ElevationState;
  readonly justification: string;
  readonly ticket: string | null;
  readonly duration_minutes: number;
  readonly requested_by: UserId;
  readonly decided_by: UserId | null;
  readonly created_at: string;
  readonly starts_at: string | null;
  readonly expires_at: string | null;
  readonly ended_at: string | null;
}

const byId: Statement = {
  name: 'elevation-by-id',
  text: `select ${columns} from ${source} where e.org_id = $1 and e.id = $3 and u.deleted_at is null`,
};

/** @param now ISO 8601 */
export async function findElevation(
  db: Executor,
  org: OrgId,
  id: string,
  now: string,
): Promise<ElevationRow | undefined> {
  return (await db.query<ElevationRow>(byId, [org, now, id]))[0];
}

const list: Statement = {
  name: 'elevation-list',
  text: `select ${columns} from ${source}
    where e.org_id = $1 and u.deleted_at is null
      and ($3::uuid is null or e.user_id = $3) and ($4::text is null or ${stateNow} = $4)
      and ($5::uuid[] is null or e.user_id = $6::uuid or exists (
        select from group_members m where m.org_id = e.org_id and m.user_id = e.user_id and m.group_id = any($5)))
      and ($7::uuid is null or e.id < $7)
    order by e.id desc limit $8`,
};

/** Which elevations to list. */
export interface ElevationFilter {
  readonly user: UserId | undefined;
  readonly state: ElevationState | undefined;
  /** Only of people of these groups, or of this one person; undefined is everybody. */
  readonly within: { readonly groups: readonly GroupId[]; readonly self: UserId } | undefined;
}

/** The newest first. @param now ISO 8601 */
export function listElevations(
  db: Executor,
  org: OrgId,
  { user, state, within }: ElevationFilter,
  page: { readonly after: string | undefined; readonly limit: number },
  now: string,
): Promise<ElevationRow[]> {
  return db.query<ElevationRow>(list, [
    org,
    now,
    user ?? null,
    state ?? null,
    within?.groups ?? null,
    within?.self ?? null,
    page.after ?? null,
    page.limit,
  ]);
}

const countPending: Statement = {
  name: 'elevation-count-pending',
  text: `select count(*) as waiting from elevations where org_id = $1 and user_id = $2 and state = 'pending'`,
};

export async function countPendingElevations(tx: Executor, org: OrgId, user: UserId): Promise<number> {
  return (await tx.query<{ waiting: number }>(countPending, [org, user]))[0]?.waiting ?? 0;
}

const begin: Statement = {
  name: 'elevation-begin',
  text: `update elevations set state = 'active', decided_by = $3, starts_at = $4, expires_at = $5
    where org_id = $1 and id = $2 and state = 'pending'`,
};

/** Lets a waiting elevation begin now. */
export async function beginElevation(
  tx: Executor,
  org: OrgId,
  id: string,
  granted: { readonly by: UserId; readonly expiresAt: string },
  at: string,
): Promise<void> {
  await tx.query(begin, [org, id, granted.by, at, granted.expiresAt]);
}

const end: Statement = {
  name: 'elevation-end',
  text: `update elevations set state = $3, decided_by = coalesce(decided_by, $4), ended_at = $5
    where org_id = $1 and id = $2`,
};

/** Ends an elevation before its time, or before it began. */
export async function endElevation(
  tx: Executor,
  org: OrgId,
  id: string,
  state: 'revoked' | 'rejected' | 'cancelled',
  by: UserId,
  at: string,
): Promise<void> {
  await tx.query(end, [org, id, state, by, at]);
}

const over: Statement = {
  name: 'elevation-over',
  text: `select distinct org_id from elevations
    where state = 'active' and expires_at <= $1 and expiry_noted_at is null limit 200`,
};

/** Some of the organizations in which an elevation has ended and nobody has said so. @param now ISO 8601 */
export async function findOrganizationsWithExpiry(db: Executor, now: string): Promise<OrgId[]> {
  return (await db.query<{ org_id: OrgId }>(over, [now])).map(({ org_id }) => org_id);
}

const noteExpiry: Statement = {
  name: 'elevation-note-expiry',
  text: `update elevations e set expiry_noted_at = $2 from users u
    where e.org_id = $1 and e.state = 'active' and e.expires_at <= $2 and e.expiry_noted_at is null
      and u.org_id = e.org_id and u.id = e.user_id
    returning e.id, e.user_id, e.role, coalesce(u.email, u.user_name) as email, u.status = 'active' as reachable`,
};

/** An elevation of which is to be said that it has ended. */
export interface NotedExpiry {
  readonly id: string;
  readonly user_id: UserId;
  readonly role: Role;
  readonly email: string;
  /** Whether the person is to be told: nobody writes to who has been deactivated. */
  readonly reachable: boolean;
}

/** Marks what has ended in an organization as said. @returns each elevation once, whoever asks */
export function noteExpiries(tx: Executor, org: OrgId, at: string): Promise<NotedExpiry[]> {
  return tx.query<NotedExpiry>(noteExpiry, [org, at]);
}
