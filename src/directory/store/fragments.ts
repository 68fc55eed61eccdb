import { settingSql } from '../organizations/store/settings.ts';

/**
 * Pieces of SQL that several statements share. They are constants: no value ever becomes text.
 */

/** A writer's slot of a sharded counter: one per Postgres backend, so that writers do not meet (ADR 0004). */
const slot = '(pg_backend_pid() % 16)::smallint';

/** Adds `delta` to a counter for every row of `from` (a from-clause that yields `subject`, an id). */
export function count(
  org: string,
  name: 'users' | 'groups' | 'group',
  from: string,
  delta: 1 | -1,
  at: string,
): string {
  return `insert into counters (org_id, name, subject_id, slot, value, changed_at)
    select ${org}, '${name}', subject, ${slot}, ${delta}, ${at}
    from ${from} order by subject
    on conflict (org_id, name, subject_id, slot)
    do update set value = counters.value + ${delta}, changed_at = excluded.changed_at`;
}

/** Sum of a counter's slots. */
export function counted(org: string, name: 'users' | 'groups', subject: string): string {
  return `coalesce((select sum(c.value) from counters c
    where c.org_id = ${org} and c.name = '${name}' and c.subject_id = ${subject}), 0)::bigint`;
}

/** When the lock of `u`, a row of users, opens by itself; null if only an administrator opens it (R141). */
export const lockOpensAt = `(u.locked_at + make_interval(mins => (
    select ${settingSql('autoUnlockMinutes')} from organizations o where o.id = u.org_id)))`;

/**
 * Whether the account of `u`, a row of users, is locked: a lock that opens by itself has opened by the clock (R141).
 * True or false, never null; the first part is what an index holds.
 * @param now the parameter that holds the time
 */
export function lockHolds(now: string): string {
  return `(u.locked_at is not null and coalesce(${lockOpensAt} > ${now}::timestamptz, true))`;
}

/**
 * Tells the triggers of history when the command was given (migration 0100); without it they take the time of the database.
 * It holds for the transaction. @param at the parameter of the time
 */
export const historyTime = (at: string) => `set_config('rollcall.at', (${at}::timestamptz)::text, true)`;

/** Whether a password alone signs in the user `u`: there is one, and no second factor. */
export const PASSWORD_ALONE = `(exists (select from user_passwords p where p.org_id = u.org_id and p.user_id = u.id)
    and not exists (select from user_totp t where t.org_id = u.org_id and t.user_id = u.id and t.confirmed_at is not null))`;

/**
 * Whether an identity `i` is of a provider that users sign in through; `$1` is the organization. The few connections are
 * read once: joined to the identities, they were looked up again for each of a million users.
 */
const IS_OF_ACTIVE_SSO = `i.connection_id = any(array(
      select s.connection_id from sso_connections s where s.org_id = $1 and s.state = 'active'))`;

/**
 * Whether a user is linked to a provider that users sign in through, looked up for the one user: as a join, a planner without
 * statistics compares all with all. `$1` is the organization. @param user SQL of the id
 */
export const linkedToSso = (user: string) =>
  `(select true from identities i where i.org_id = $1 and i.user_id = ${user} and ${IS_OF_ACTIVE_SSO} limit 1) is not null`;

/** The users of `$1` who are linked so, each once: read from an index alone, in its order. */
export const LINKED_USERS = `select i.user_id as id from identities i where i.org_id = $1 and ${IS_OF_ACTIVE_SSO}
      group by i.user_id`;

/** Whether the elevation `e` began after the user `u` was last deactivated or deleted: only then is it in force. */
export const ofThisActivation = 'e.deactivations = u.deactivations';

/** Whether a connection of `$1` is there and has not been removed from provisioning. @param id SQL of its id */
export const provisions = (id: string) =>
  `exists (select from connections c where c.org_id = $1 and c.id = ${id} and c.scim_removed_at is null)`;

/** Whether SCIM's `roles` set the direct role of a user. @param row the alias of users */
export const hasManagedRole = (row: string) =>
  `exists (select from user_links k join connections c on c.org_id = k.org_id and c.id = k.connection_id
      where k.org_id = ${row}.org_id and k.user_id = ${row}.id and c.role_source = 'scim_roles')`;

/** What a user is called, null without a name. @param row the alias of users */
export const displayNameOf = (row: string) =>
  `coalesce(${row}.profile ->> 'displayName', ${row}.name_from_parts)`;

/** The key that names are sorted and searched by. @param row the alias of users */
export const displayNameKeyOf = (row: string) =>
  `coalesce(${row}.display_name_key, ${row}.name_from_parts_key)`;

/** What a mailed link is bound to: the key of the address of the user `u`. */
export const mailedKey = 'coalesce(u.email_key, u.user_name_key)';

/**
 * Whether the user `u` still has the address that a token was mailed to. An older version of Rollcall, which may still be
 * running, writes no address.
 * @param row the token's table
 */
export const isMailedToAddress = (row: string) => `coalesce(${row}.email_key, ${mailedKey}) = ${mailedKey}`;

/**
 * Whether a mailed token is still valid for the user `u`: same address, and not deactivated since.
 * @param row the token's table @param sent its column with the time of the mail
 */
export const isStillMailed = (row: string, sent: string) =>
  `${isMailedToAddress(row)}
      and (u.keys_from is null or coalesce(${row}.${sent}, u.keys_from) >= u.keys_from)`;
