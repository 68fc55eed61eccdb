import type { Executor, Statement } from '../../platform/statement.ts';
import type { DirectoryEvent, EventEnvelope } from '../events.ts';
import type { ConnectionId, OrgId, UserId } from '../ids.ts';
import { caseKey, displayNameKey } from '../rules/keys.ts';
import type { StatusChange, UserChanges } from '../rules/user-changes.ts';
import type { Profile, Role, UserRecord, UserSource, UserStatus } from '../users/user.ts';
import { count, eventColumns, eventIdSql } from './fragments.ts';
import { refusing } from './refusals.ts';
import { toUserRecord, type UserRow, userColumns } from './user-rows.ts';

/** A user that is not there yet. */
export interface NewUser {
  readonly id: UserId;
  readonly userName: string;
  readonly email: string | undefined;
  readonly status: UserStatus;
  readonly role: Role;
  readonly owner: boolean;
  readonly source: UserSource;
  readonly profile: Profile;
  readonly emailKeys: readonly string[];
  /** The connection that provisions the user, and what it calls them. */
  readonly link: { readonly connection: ConnectionId; readonly externalId: string | undefined } | undefined;
}

const insert: Statement = {
  name: 'user-insert',
  text: `with u as (
      insert into users (org_id, id, user_name, user_name_key, email, email_key, status, role, owner, source,
        created_at, updated_at, profile, display_name_key)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12::jsonb, $19)
      returning id
    ), l as (
      insert into user_links (org_id, user_id, connection_id, external_id)
      select $1, id, $13::uuid, $14 from u where $13::uuid is not null
    ), k as (
      insert into user_email_keys (org_id, email_key, user_id)
      select $1, key, u.id from u, unnest($15::text[]) as key
    ), n as (
      ${count('$1', 'users', '(select $1::uuid as subject from u) as s', 1, '$11')}
    ), e as (
      insert into ${eventColumns}
      select $1, ${eventIdSql('$16', '0')}, $11, 'user.created', $17::jsonb, 'user', u.id, null, null, $18::jsonb from u
    )
    select id from u`,
};

/**
 * Writes a new user with its link, keys and event.
 * @throws Refusal `user_name_taken`, `email_taken`, `external_id_taken`
 */
export async function insertUser(
  db: Executor,
  org: OrgId,
  user: NewUser,
  event: EventEnvelope,
): Promise<void> {
  await refusing(
    db.query(insert, [
      org,
      user.id,
      user.userName,
      caseKey(user.userName),
      user.email ?? null,
      user.email === undefined ? null : caseKey(user.email),
      user.status,
      user.role,
      user.owner,
      user.source,
      event.at,
      JSON.stringify(user.profile),
      user.link?.connection ?? null,
      user.link?.externalId ?? null,
      user.emailKeys,
      event.idBase,
      event.actor,
      event.context,
      displayNameKey(user.profile),
    ]),
  );
}

/**
 * Whoever becomes inactive is signed out, their keys stop, and their elevations end (PRODUCT R79, R80). Signed out once
 * more when they come back: the time of a change is older than a session that began while the change waited for the row.
 */
const endings = (status: string, at: string) =>
  `sessions_from = case when (${status} = 'inactive') <> (status = 'inactive') then ${at}::timestamptz else sessions_from end,
        keys_from = case when ${status} = 'inactive' and status <> 'inactive' then ${at}::timestamptz else keys_from end,
        deactivations = case when ${status} = 'inactive' and status <> 'inactive' then deactivations + 1 else deactivations end`;

/** Raises the version of every group that the user `u` is in: its member list is another one now. */
export const touchGroups = (at: string) =>
  count(
    '$1',
    'group',
    '(select m.group_id as subject from u join group_members m on m.org_id = $1 and m.user_id = u.id) as s',
    1,
    at,
  );

const update: Statement = {
  name: 'user-update',
  text: `with u as (
      update users set user_name = $5, user_name_key = $6, email = $7, email_key = $8, status = $9,
        profile = coalesce($10::jsonb, profile),
        display_name_key = case when $10::jsonb is null then display_name_key else $20 end, version = version + 1, updated_at = $4,
        ${endings('$9', '$4')}
      where org_id = $1 and id = $2 and version = $3 and deleted_at is null
      returning id
    ), l as (
      insert into user_links (org_id, user_id, connection_id, external_id)
      select $1, id, $11::uuid, $12 from u where $21::boolean
      on conflict (org_id, user_id, connection_id) do update set external_id = excluded.external_id
    ), gone as (
      delete from user_email_keys k using u
      where k.org_id = $1 and k.user_id = u.id and k.email_key = any($13::text[])
    ), came as (
      insert into user_email_keys (org_id, email_key, user_id)
      select $1, key, u.id from u, unnest($14::text[]) as key on conflict do nothing
    ), e as (
      insert into ${eventColumns}
      select $1, ${eventIdSql('$15', 'ordinal')}, $4, action, $16::jsonb, 'user', u.id, null, changes::jsonb, $17::jsonb
      from u, unnest($18::text[], $19::text[]) with ordinality as ev (action, changes, ordinal)
    )
    select id from u`,
};

/** `active` alone, which identity providers send all day: fewer tables to open. */
const setStatus: Statement = {
  name: 'user-set-status',
  text: `with u as (
      update users set status = $5, version = version + 1, updated_at = $4, ${endings('$5', '$4')}
      where org_id = $1 and id = $2 and version = $3 and deleted_at is null
      returning id
    ), e as (
      insert into ${eventColumns}
      select $1, ${eventIdSql('$6', '1')}, $4, $9, $7::jsonb, 'user', u.id, null, $10::jsonb, $8::jsonb from u
    )
    select id from u`,
};

/**
 * `active` of a user to whom nothing else can happen: provisioned by the asking connection, no owner, neither
 * pending nor as wished already. Load and commit in one, since the row itself is all that the rule looks at.
 */
const switchStatus: Statement = {
  name: 'user-switch-status',
  text: `with u as (
      update users u set status = $4, version = version + 1, updated_at = $6, ${endings('$4', '$6')}
      where u.org_id = $1 and u.id = $3 and u.status = $5 and not u.owner and u.deleted_at is null
        and exists (select from user_links l where l.org_id = $1 and l.user_id = $3 and l.connection_id = $2)
      returning u.*
    ), t as (${touchGroups('$6')}), e as (
      insert into ${eventColumns}
      select $1, ${eventIdSql('$7', '1')}, $6, $8, $9::jsonb, 'user', u.id, null, $10::jsonb, $11::jsonb from u
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
  const [row] = await db.query<UserRow>(switchStatus, [
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

/** The same write, and the versions of the user's groups. */
function touchingGroups({ name, text }: Statement): Statement {
  const end = text.lastIndexOf('select id from u');
  return {
    name: `${name}-and-groups`,
    text: `${text.slice(0, end)}, t as (${touchGroups('$4')}) select id from u`,
  };
}

const updateAndGroups = touchingGroups(update);
const setStatusAndGroups = touchingGroups(setStatus);

/**
 * Writes what a rule decided, if the user still has the version that the rule saw.
 * @returns false if it has not: load again
 * @throws Refusal `user_name_taken`, `email_taken`, `external_id_taken`
 */
export async function updateUserRow(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  id: UserId,
  version: number,
  changes: UserChanges,
  event: EventEnvelope,
): Promise<boolean> {
  const [only] = changes.events;
  if (changes.statusOnly && only !== undefined) {
    const { status, membershipsChange } = changes;
    return writeUserStatus(db, org, id, version, { status, membershipsChange, event: only }, event);
  }
  const rows = await refusing(
    db.query(changes.membershipsChange ? updateAndGroups : update, [
      org,
      id,
      version,
      event.at,
      changes.userName,
      caseKey(changes.userName),
      changes.email ?? null,
      changes.email === undefined ? null : caseKey(changes.email),
      changes.status,
      changes.profile === undefined ? null : JSON.stringify(changes.profile),
      connection,
      changes.externalId ?? null,
      changes.emailKeysRemoved,
      changes.emailKeysAdded,
      event.idBase,
      event.actor,
      event.context,
      changes.events.map(({ action }) => action),
      changes.events.map(changesText),
      changes.profile === undefined ? null : displayNameKey(changes.profile),
      changes.linkChanges,
    ]),
  );
  return rows.length > 0;
}

/** A status, the event of it, and whether the user's groups gain or lose a member by it. */
export interface StatusWrite {
  readonly status: UserStatus;
  readonly membershipsChange: boolean;
  readonly event: DirectoryEvent;
}

/** Sets a user's status, if the user still has that version. @returns false if not */
export async function writeUserStatus(
  db: Executor,
  org: OrgId,
  id: UserId,
  version: number,
  write: StatusWrite,
  { at, idBase, actor, context }: EventEnvelope,
): Promise<boolean> {
  const statement = write.membershipsChange ? setStatusAndGroups : setStatus;
  const { status, event } = write;
  const values = [org, id, version, at, status, idBase, actor, context, event.action, changesText(event)];
  return (await db.query(statement, values)).length > 0;
}

function changesText(event: DirectoryEvent): string | null {
  return event.changes === undefined ? null : JSON.stringify(event.changes);
}
