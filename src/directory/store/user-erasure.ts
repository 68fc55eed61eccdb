import type { Executor, Statement } from '../../platform/statement.ts';
import type { EventEnvelope } from '../events.ts';
import type { OrgId, UserId } from '../ids.ts';
import { count, eventColumns, eventIdSql } from './fragments.ts';
import { refusing } from './refusals.ts';
import { buryNames } from './tombstones.ts';

/** What hangs on the user goes by its foreign keys; the rest by name. */
const erase: Statement = {
  name: 'user-erase',
  text: `with groups_of as (
      select group_id as subject from group_members where org_id = $1 and user_id = $2
    ), u as (
      delete from users where org_id = $1 and id = $2 and ($8::bigint is null or version = $8)
      returning id, deleted_at
    ), k as (
      delete from user_email_keys k using u
      where k.org_id = $1 and k.user_id = u.id and k.email_key = any($4::text[])
    ), b as (${buryNames('$1', '$2', '$3', 'u')}), r as (
      delete from import_rows r using u where r.org_id = $1 and r.user_id = u.id
    ), n as (
      ${count('$1', 'users', '(select $1::uuid as subject from u where deleted_at is null) as s', -1, '$3')}
    ), t as (
      ${count('$1', 'group', '(select subject from groups_of, u where deleted_at is null) as s', 1, '$3')}
    ), e as (
      insert into ${eventColumns}
      select $1, ${eventIdSql('$5', '0')}, $3, 'user.erased', $6::jsonb, 'user', u.id, null, null, $7::jsonb from u
    )
    select id from u`,
};

/**
 * Removes a user, hidden or not, with all that is theirs; what others did with them keeps the id, which now means
 * nobody (R89).
 * @param version undefined under the organization's lock
 * @returns false if the user is not there or no longer has that version
 * @throws Refusal `owns_resources`
 */
export async function eraseUser(
  db: Executor,
  org: OrgId,
  id: UserId,
  version: number | undefined,
  emailKeys: readonly string[],
  event: EventEnvelope,
): Promise<boolean> {
  const { at, idBase, actor, context } = event;
  const rows = await refusing(
    db.query(erase, [org, id, at, emailKeys, idBase, actor, context, version ?? null]),
  );
  return rows.length > 0;
}
