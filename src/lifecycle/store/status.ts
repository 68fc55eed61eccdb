import type { UserEvent } from '../../audit/catalogue.ts';
import type { EventEnvelope } from '../../audit/envelope.ts';
import { eventIdSql, insertEventsOn } from '../../audit/store/event-sql.ts';
import type { ConnectionId, OrgId, UserId } from '../../directory/ids.ts';
import type { OwnerGuard } from '../../directory/last-owner.ts';
import type { StatusChange } from '../../directory/users/rules/changes.ts';
import { type RecordRow, toUserRecord, userColumns } from '../../directory/users/store/rows.ts';
import type { UserRecord, UserStatus } from '../../directory/users/user.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

/**
 * Deactivation ends a user's sessions and elevations and disables their keys (R79, R80). Activation ends sessions and
 * keys again: one may have begun while the deactivation waited for the row, with a later time than the deactivation's.
 */
export const endAccessSql = (status: string, at: string, isSignedOut = 'false') =>
  `sessions_from = case when ${isSignedOut} or (${status} = 'inactive') <> (status = 'inactive') then ${at}::timestamptz else sessions_from end,
        keys_from = case when (${status} = 'inactive') <> (status = 'inactive') then ${at}::timestamptz else keys_from end,
        keys_from_before = case when ${status} = 'inactive' and status <> 'inactive' then keys_from else keys_from_before end,
        deactivations = case when ${status} = 'inactive' and status <> 'inactive' then deactivations + 1 else deactivations end`;

/** `active` alone, which identity providers send all day: fewer tables to open. */
const setStatus: Statement = {
  name: 'user-set-status',
  text: `with u as (
      update users set status = $5, version = version + 1, updated_at = $4, ${endAccessSql('$5', '$4')}
      where org_id = $1 and id = $2 and version = $3 and deleted_at is null
      returning id
    ), e as (
      ${insertEventsOn('user', '$9', {
        id: eventIdSql('$6', '1'),
        at: '$4',
        actor: '$7',
        context: '$8',
        target: 'u.id',
        changes: '$10::jsonb',
        reason: '$11',
        from: 'u',
      })}
    )
    select id from u`,
};

/**
 * Sets `active` where no other rule applies: a user provisioned by the calling connection, not an owner, not
 * pending, and not in that state already. Loads and commits in one statement, since the rule depends on this row alone.
 */
const switchStatus: Statement = {
  name: 'user-switch-status',
  text: `with u as (
      update users u set status = $4, version = version + 1, updated_at = $6, ${endAccessSql('$4', '$6')}
      where u.org_id = $1 and u.id = $3 and u.status = $5 and not u.owner and u.deleted_at is null
        and u.shared_email_key is null
        and exists (select from user_links l where l.org_id = $1 and l.user_id = $3 and l.connection_id = $2)
      returning u.*
    ), e as (
      ${insertEventsOn('user', '$8', {
        id: eventIdSql('$7', '1'),
        at: '$6',
        actor: '$9',
        context: '$11',
        target: 'u.id',
        changes: '$10::jsonb',
        from: 'u',
      })}
    )
    select ${userColumns} from u left join user_links l
      on l.org_id = $1 and l.user_id = $3 and l.connection_id = $2`,
};

/**
 * Activates or deactivates a user in one step, if that is all there is to it (see the statement).
 * @returns undefined if there is more: load, decide and commit
 */
export async function switchUserStatus(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: UserId,
  change: StatusChange,
  event: EventEnvelope,
): Promise<UserRecord | undefined> {
  const [row] = await db.query<RecordRow>(switchStatus, [
    org,
    connection,
    id,
    change.to,
    change.from,
    event.at,
    event.idBase,
    change.event.action,
    event.actor,
    changesText(change.event),
    event.context,
  ]);
  return row === undefined ? undefined : toUserRecord(row);
}

const lock: Statement = {
  name: 'user-lock-status',
  text: 'select version, status from users where org_id = $1 and id = $2 and deleted_at is null for no key update',
};

/**
 * Locks a user until the transaction ends, so that no connection changes them between a decision and its write.
 * @returns what they are now; undefined if they are gone
 */
export async function lockStatus(
  tx: Executor,
  org: OrgId,
  user: UserId,
): Promise<{ readonly version: number; readonly status: UserStatus } | undefined> {
  return (await tx.query<{ version: number; status: UserStatus }>(lock, [org, user]))[0];
}

/** A status and its event. */
export interface StatusWrite {
  readonly status: UserStatus;
  readonly event: UserEvent;
}

/** Sets a user's status, if the user still has that version. @returns false if not */
export async function writeUserStatus(
  db: Executor,
  org: OrgId,
  { user }: OwnerGuard,
  version: number,
  write: StatusWrite,
  { at, idBase, actor, context }: EventEnvelope,
): Promise<boolean> {
  const { status, event } = write;
  const { action, reason = null } = event;
  const values = [org, user, version, at, status, idBase, actor, context, action, changesText(event), reason];
  return (await db.query(setStatus, values)).length > 0;
}

/** The changes of an event as JSON text. */
export function changesText(event: UserEvent): string | null {
  return event.changes === undefined ? null : JSON.stringify(event.changes);
}
