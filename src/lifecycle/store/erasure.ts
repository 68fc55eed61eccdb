import type { EventEnvelope } from '../../audit/envelope.ts';
import { emptyPersonalParts } from '../../audit/store/erasure.ts';
import { eventIdSql, insertEvents } from '../../audit/store/event-sql.ts';
import type { OrgId } from '../../directory/ids.ts';
import type { OwnerGuard } from '../../directory/last-owner.ts';
import { translateConstraints } from '../../directory/store/constraint-errors.ts';
import { count, historyTime } from '../../directory/store/fragments.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { emptyLogOfErased } from '../../provisioning/log/store/erasure.ts';
import { emptyReviewsOfErased } from '../../reviews/store/erasure.ts';
import { keepErasedDigests } from './tombstones.ts';

/** What hangs on the user goes by its foreign keys; the rest by name. */
const erase: Statement = {
  name: 'user-erase',
  text: `with groups_of as (
      select group_id as subject from group_members where org_id = $1 and user_id = $2
    ), u as (
      delete from users where org_id = $1 and id = $2 and ($8::bigint is null or version = $8)
      returning id, deleted_at, user_name, user_name_key, email_key
    ), k as (
      delete from user_email_keys k using u
      where k.org_id = $1 and k.user_id = u.id and k.email_key = any($4::text[])
    ), b as (${keepErasedDigests('$1', '$2', '$3', 'u')}), r as (
      delete from import_rows r using u where r.org_id = $1 and r.user_id = u.id
    ), n as (
      ${count('$1', 'users', '(select $1::uuid as subject from u where deleted_at is null) as s', -1, '$3')}
    ), t as (
      ${count('$1', 'group', '(select subject from groups_of, u where deleted_at is null) as s', 1, '$3')}
    ), e as (
      ${insertEvents('user.erased', 'user', {
        id: eventIdSql('$5', '0'),
        at: '$3',
        actor: '$6',
        context: '$7',
        target: 'u.id',
        from: 'u',
      })}
    ), ${emptyPersonalParts('$2', 'u')}, ${emptyLogOfErased('$2', '$3', '$4', 'u')},
    ${emptyReviewsOfErased('$2', 'u')}
    select id, ${historyTime('$3')} from u`,
};

/**
 * Removes a user, soft-deleted or not, with all their data; other records keep the id, which no longer identifies
 * anyone (R89).
 * @param version undefined under the organization's lock
 * @returns false if the user is not there or no longer has that version
 * @throws DomainError `owns_resources`
 */
export async function eraseUser(
  db: Executor,
  org: OrgId,
  { user }: OwnerGuard,
  version: number | undefined,
  emailKeys: readonly string[],
  event: EventEnvelope,
): Promise<boolean> {
  const { at, idBase, actor, context } = event;
  const rows = await translateConstraints(
    db.query(erase, [org, user, at, emailKeys, idBase, actor, context, version ?? null]),
  );
  return rows.length > 0;
}

/** Raises the version of every group that the user `u` is in: its member list is another one now. */
const touchGroups = (at: string) =>
  count(
    '$1',
    'group',
    '(select m.group_id as subject from u join group_members m on m.org_id = $1 and m.user_id = u.id) as s',
    1,
    at,
  );

const softDelete: Statement = {
  name: 'user-soft-delete',
  text: `with u as (
      update users set deleted_at = $4, updated_at = $4, version = version + 1, deactivations = deactivations + 1,
        user_name_key = null, email_key = null, shared_email_key = null, display_name_key = null,
        name_from_parts_key = null
      where org_id = $1 and id = $2 and version = $3 and deleted_at is null
      returning id
    ), l as (
      delete from user_links l using u where l.org_id = $1 and l.user_id = u.id
      returning l.connection_id, l.external_id
    ), p as (
      insert into previous_profiles (org_id, user_id, at, user_name, profile, links)
      select $1, b.id, $4, b.user_name, b.profile, (
        select jsonb_agg(jsonb_build_object('connection', l.connection_id, 'externalId', l.external_id)) from l)
      from users b join u on u.id = b.id where b.org_id = $1 and b.id = $2 on conflict do nothing
    ), k as (
      delete from user_email_keys k using u where k.org_id = $1 and k.user_id = u.id and k.email_key = any($5::text[])
    ), n as (
      ${count('$1', 'users', '(select $1::uuid as subject from u) as s', -1, '$4')}
    ), b as (${keepErasedDigests('$1', '$2', '$4', 'u')}), t as (${touchGroups('$4')}), e as (
      ${insertEvents('user.deleted', 'user', {
        id: eventIdSql('$6', '0'),
        at: '$4',
        actor: '$7',
        context: '$8',
        target: 'u.id',
        from: 'u',
      })}
    )
    select id from u`,
};

/**
 * Hides a user, keeps the row and frees its names (R88, R92).
 * @returns false if the user no longer has that version
 */
export async function softDeleteUser(
  db: Executor,
  org: OrgId,
  { user }: OwnerGuard,
  version: number,
  emailKeys: readonly string[],
  event: EventEnvelope,
): Promise<boolean> {
  const rows = await db.query(softDelete, [
    org,
    user,
    version,
    event.at,
    emailKeys,
    event.idBase,
    event.actor,
    event.context,
  ]);
  return rows.length > 0;
}
