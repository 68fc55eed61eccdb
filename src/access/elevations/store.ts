import { isMemberOf } from '../../directory/groups/store/membership-sql.ts';
import type { GroupId, OrgId, UserId } from '../../directory/ids.ts';
import { displayNameOf, ofThisActivation } from '../../directory/store/fragments.ts';
import { referenceTo } from '../../directory/store/references.ts';
import type { Reference } from '../../directory/users/reference.ts';
import type { Role } from '../../directory/users/user.ts';
import type { Database } from '../../platform/db/database.ts';
import { builder, type IdPage, pageById, runQuery } from '../../platform/db/query-builder.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

const insert: Statement = {
  name: 'elevation-insert',
  text: `with u as (
      select deactivations from users where org_id = $1 and id = $3 and ($7 = 'pending' or status = 'active') for share
    )
    insert into elevations (org_id, id, user_id, role, justification, ticket, state, duration_minutes,
      requested_by, decided_by, created_at, starts_at, expires_at, deactivations)
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, u.deactivations from u
    returning id`,
};

/** An elevation that begins, or waits for a user to allow it. Times are ISO 8601. */
export interface NewElevation {
  readonly id: string;
  readonly user: UserId;
  readonly role: Role;
  readonly justification: string;
  readonly ticket: string | undefined;
  readonly minutes: number;
  readonly requestedBy: UserId;
  /** Undefined if it waits; by no one if it needs no approval. */
  readonly granted: { readonly by: UserId | undefined; readonly expiresAt: string } | undefined;
}

/** @returns false if it would begin and the user is no longer active: a connection deactivates without our lock */
export async function insertElevation(
  tx: Executor,
  org: OrgId,
  elevation: NewElevation,
  at: string,
): Promise<boolean> {
  const { id, user, role, justification, ticket, minutes, requestedBy, granted } = elevation;
  const rows = await tx.query(insert, [
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
  return rows.length > 0;
}

/**
 * The states of an elevation. `expired` is derived from the time and not stored (docs/roles.md §5); `revoked` is
 * also derived for one that ended with the account, until the schedule has recorded it.
 */
export const ELEVATION_STATES = ['pending', 'active', 'expired', 'revoked', 'rejected', 'cancelled'] as const;
export type ElevationState = (typeof ELEVATION_STATES)[number];

/** `$2` is the time. */
const stateNow = `case when e.state <> 'active' then e.state when e.expires_at <= $2::timestamptz then 'expired'
    when ${ofThisActivation} then 'active' else 'revoked' end`;

const columns = `e.id, e.user_id as "user", coalesce(u.email, u.user_name) as email, ${displayNameOf('u')} as name,
  e.role, ${stateNow} as state, e.justification, e.ticket, e.duration_minutes as minutes,
  ${referenceTo('e.org_id', 'e.requested_by')} as requester, ${referenceTo('e.org_id', 'e.decided_by')} as decider,
  e.created_at as "createdAt", e.starts_at as "startsAt", e.expires_at as "expiresAt", e.ended_at as "endedAt"`;
const source = 'elevations e join users u on u.org_id = e.org_id and u.id = e.user_id';

/** An elevation with whose it is. Times are ISO 8601. */
export interface Elevation {
  readonly id: string;
  readonly user: UserId;
  readonly email: string;
  readonly name: string | null;
  readonly role: Role;
  readonly state: ElevationState;
  readonly justification: string;
  readonly ticket: string | null;
  readonly minutes: number;
  readonly requester: Reference;
  readonly decider: Reference | null;
  readonly createdAt: string;
  readonly startsAt: string | null;
  readonly expiresAt: string | null;
  readonly endedAt: string | null;
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
): Promise<Elevation | undefined> {
  return (await db.query<Elevation>(byId, [org, now, id]))[0];
}

/** Which elevations to list. */
export interface ElevationFilter {
  readonly user: UserId | undefined;
  readonly state: ElevationState | undefined;
  /** Only of users of these groups, or of this one user; undefined is everybody. */
  readonly within: { readonly groups: readonly GroupId[]; readonly self: UserId } | undefined;
}

/** The newest first. @param now ISO 8601 */
export function listElevations(
  db: Database,
  org: OrgId,
  { user, state, within }: ElevationFilter,
  page: IdPage,
  now: string,
): Promise<Elevation[]> {
  const query = builder.select(builder.raw(columns)).fromRaw(source).whereRaw('e.org_id = $1');
  query.whereNull('u.deleted_at');
  if (user !== undefined) query.where('e.user_id', user);
  if (state !== undefined) query.whereRaw(`${stateNow} = ?`, [state]);
  if (within !== undefined) {
    query.whereRaw(`(u.id = ? or ${isMemberOf('?')})`, [within.self, [...within.groups]]);
  }
  return runQuery<Elevation>(db, [org, now], pageById(query, 'e.id', 'desc', page));
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
  text: `with u as (
      select u.id, u.deactivations from users u join elevations e on e.org_id = u.org_id and e.user_id = u.id
      where e.org_id = $1 and e.id = $2 and u.status = 'active' for share of u
    )
    update elevations e set state = 'active', decided_by = $3, starts_at = $4, expires_at = $5,
      deactivations = u.deactivations
    from u where e.org_id = $1 and e.id = $2 and e.state = 'pending' returning e.id`,
};

/** Lets a waiting elevation begin now. @returns false if the user is no longer active */
export async function beginElevation(
  tx: Executor,
  org: OrgId,
  id: string,
  granted: { readonly by: UserId; readonly expiresAt: string },
  at: string,
): Promise<boolean> {
  return (await tx.query(begin, [org, id, granted.by, at, granted.expiresAt])).length > 0;
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

const over = (now: string) => `e.state = 'active' and e.expiry_noted_at is null
      and (e.expires_at <= ${now}::timestamptz or not ${ofThisActivation})`;

const withExpiry: Statement = {
  name: 'elevation-over',
  text: `select distinct e.org_id as org from ${source} where ${over('$1')} limit 200`,
};

/** Some of the organizations with an ended elevation that is not recorded yet. @param now ISO 8601 */
export async function findOrganizationsWithExpiry(db: Executor, now: string): Promise<OrgId[]> {
  return (await db.query<{ org: OrgId }>(withExpiry, [now])).map(({ org }) => org);
}

const insertExpiryEvents: Statement = {
  name: 'elevation-note-expiry',
  text: `update elevations e set expiry_noted_at = $2,
      state = case when ${stateNow} = 'revoked' then 'revoked' else e.state end,
      ended_at = case when ${stateNow} = 'revoked' then $2::timestamptz else e.ended_at end
    from users u
    where e.org_id = $1 and u.org_id = e.org_id and u.id = e.user_id and ${over('$2')}
    returning e.id, e.user_id as "user", e.role, e.state = 'revoked' as "isCutShort"`,
};

/** An elevation whose end is to be recorded. */
export interface RecordedExpiry {
  readonly id: string;
  readonly user: UserId;
  readonly role: Role;
  /** Whether it ended with the account, before its time. */
  readonly isCutShort: boolean;
}

/** Marks an organization's ended elevations as recorded. @returns each elevation once, the caller */
export function recordExpiries(tx: Executor, org: OrgId, at: string): Promise<RecordedExpiry[]> {
  return tx.query<RecordedExpiry>(insertExpiryEvents, [org, at]);
}
