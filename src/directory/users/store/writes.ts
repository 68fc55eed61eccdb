import type { EventEnvelope } from '../../../audit/envelope.ts';
import { eventIdSql, insertEvents, insertEventsOn } from '../../../audit/store/event-sql.ts';
import { changesText, endAccessSql, writeUserStatus } from '../../../lifecycle/store/status.ts';
import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { ConnectionId, OrgId, UserId } from '../../ids.ts';
import type { OwnerGuard } from '../../last-owner.ts';
import { caseKey, displayNameKey } from '../../rules/comparison-keys.ts';
import { indexForSearch, searchColumns } from '../../search/store/text-search.ts';
import { termsOf } from '../../search/terms.ts';
import { translateConstraints } from '../../store/constraint-errors.ts';
import { count } from '../../store/fragments.ts';
import type { UserChanges } from '../rules/changes.ts';
import { nameFromParts } from '../rules/display-name.ts';
import type { Profile, Role, UserSource, UserStatus } from '../user.ts';

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

/** The SQL of an address: which keys of `key`, a parameter, the user has, and who else signs in with it. */
interface AddressSql {
  /** Common tables that the rest refers to. */
  readonly tables: string;
  readonly emailKey: string;
  readonly sharedKey: string;
  readonly holder: string;
}

/** The user signs in with the address; if another one does, the write violates a constraint. */
const ownAddress = (key: string): AddressSql => ({
  tables: '',
  emailKey: key,
  sharedKey: 'null',
  holder: 'null::uuid',
});

/** If another user signs in with the address, it is kept as a shared one. @param self the parameter of the user's id */
const addressMayBeShared = (key: string, self: string): AddressSql => ({
  tables: `holder as materialized (
      select id from users where org_id = $1 and email_key = ${key}::text and id <> ${self}::uuid
    ), `,
  emailKey: `case when not exists (select from holder) then ${key}::text end`,
  sharedKey: `case when exists (select from holder) then ${key}::text end`,
  holder: '(select id from holder)',
});

const insert = (name: string, address: AddressSql): Statement => ({
  name,
  text: `with ${address.tables}u as (
      insert into users (org_id, id, user_name, user_name_key, email, email_key, shared_email_key, status, role, owner,
        source, created_at, updated_at, profile, display_name_key,
        name_from_parts, name_from_parts_key)
      values ($1, $2, $3, $4, $5, ${address.emailKey}, ${address.sharedKey}, $7, $8, $9, $10, $11, $11, $12::jsonb, $19, $20, $21)
      returning id, ${searchColumns}
    ), s as (${indexForSearch('$1', '$22')}), l as (
      insert into user_links (org_id, user_id, connection_id, external_id)
      select $1, id, $13::uuid, $14 from u where $13::uuid is not null
    ), k as (
      insert into user_email_keys (org_id, email_key, user_id)
      select $1, key, u.id from u, unnest($15::text[]) as key
    ), n as (
      ${count('$1', 'users', '(select $1::uuid as subject from u) as s', 1, '$11')}
    ), e as (
      ${insertEvents('user.created', 'user', {
        id: eventIdSql('$16', '0'),
        at: '$11',
        actor: '$17',
        context: '$18',
        target: 'u.id',
        from: 'u',
      })}
    )
    select id, ${address.holder} as "sharedWith" from u`,
});

const insertWithOwnAddress = insert('user-insert', ownAddress('$6'));
const insertSharing = insert('user-insert-sharing', addressMayBeShared('$6', '$2'));

interface WrittenRow {
  readonly id: UserId;
  readonly sharedWith: UserId | null;
}

/** What came of a write: the user who signs in with the address, if that is another one. */
export interface WrittenUser {
  readonly emailSharedWith: UserId | undefined;
}

/**
 * Writes a new user with its link, keys and event.
 * @param mayShare whether another user may sign in with the address: then this one does not
 * @throws DomainError `user_name_taken`, `email_taken`
 */
export async function insertUser(
  db: Executor,
  org: OrgId,
  user: NewUser,
  event: EventEnvelope,
  mayShare = false,
): Promise<WrittenUser> {
  const fromParts = nameFromParts(user.profile);
  const [row] = await translateConstraints(
    db.query<WrittenRow>(mayShare ? insertSharing : insertWithOwnAddress, [
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
      fromParts.text,
      fromParts.key,
      termsOf(org, user.profile),
    ]),
  );
  return { emailSharedWith: row?.sharedWith ?? undefined };
}

const update = (name: string, address: AddressSql): Statement => ({
  name,
  text: `with ${address.tables}u as (
      update users set user_name = $5, user_name_key = $6, email = $7, email_key = ${address.emailKey},
        shared_email_key = ${address.sharedKey}, status = $9, role = $22, owner = owner and $22 = 'admin',
        profile = coalesce($10::jsonb, profile),
        display_name_key = case when $10::jsonb is null then display_name_key else $20 end,
        name_from_parts = case when $10::jsonb is null then name_from_parts else $24 end,
        name_from_parts_key = case when $10::jsonb is null then name_from_parts_key else $25 end, version = version + 1, updated_at = $4,
        ${endAccessSql('$9', '$4', '$23::boolean')}
      where org_id = $1 and id = $2 and version = $3 and deleted_at is null
      returning id, ${searchColumns}
    ), s as (${indexForSearch('$1', '$26')}), kept as (
      insert into previous_profiles (org_id, user_id, at, user_name, profile)
      select $1, b.id, $4, b.user_name, b.profile from users b join u on u.id = b.id
      where b.org_id = $1 and b.id = $2 and ($10::jsonb is not null or b.user_name <> $5) on conflict do nothing
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
      ${insertEventsOn('user', 'action', {
        id: eventIdSql('$15', 'ordinal'),
        at: '$4',
        actor: '$16',
        context: '$17',
        target: 'u.id',
        changes: 'changes::jsonb',
        from: 'u, unnest($18::text[], $19::text[]) with ordinality as ev (action, changes, ordinal)',
      })}
    )
    select id, ${address.holder} as "sharedWith" from u`,
});

const updateWithOwnAddress = update('user-update', ownAddress('$8'));
const updateSharing = update('user-update-sharing', addressMayBeShared('$8', '$2'));

/**
 * Writes what a rule decided, if the user still has the version that the rule saw.
 * @param mayShare whether another user may sign in with the address: then this one does not
 * @returns undefined if it has not: load again
 * @throws DomainError `user_name_taken`, `email_taken`
 */
export async function updateUserRow(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  guard: OwnerGuard,
  version: number,
  changes: UserChanges,
  event: EventEnvelope,
  mayShare = false,
): Promise<WrittenUser | undefined> {
  const [only] = changes.events;
  if (changes.statusOnly && only !== undefined) {
    const isWritten = await writeUserStatus(
      db,
      org,
      guard,
      version,
      { status: changes.status, event: only },
      event,
    );
    return isWritten ? { emailSharedWith: undefined } : undefined;
  }
  const fromParts = nameFromParts(changes.profile ?? {});
  const [row] = await translateConstraints(
    db.query<WrittenRow>(mayShare ? updateSharing : updateWithOwnAddress, [
      org,
      guard.user,
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
      changes.role,
      changes.isDemoted,
      fromParts.text,
      fromParts.key,
      changes.profile === undefined ? null : termsOf(org, changes.profile),
    ]),
  );
  return row && { emailSharedWith: row.sharedWith ?? undefined };
}
