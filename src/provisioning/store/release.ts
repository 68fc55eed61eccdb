import type { ConnectionId, OrgId } from '../../directory/ids.ts';
import { historyTime } from '../../directory/store/fragments.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

const mark: Statement = {
  name: 'connection-mark-removed',
  text: `with t as (
      update scim_tokens set revoked_at = $3 where org_id = $1 and connection_id = $2 and revoked_at is null
    ), l as (
      update set_up_links set revoked_at = $3
      where org_id = $1 and scim_connection_id = $2 and revoked_at is null
    )
    update connections set scim_removed_at = $3 where org_id = $1 and id = $2`,
};

/** Ends the tokens and set-up links of a connection, and marks it: nothing is provisioned through it any more. @param at ISO 8601 */
export async function markRemoved(tx: Executor, org: OrgId, id: ConnectionId, at: string): Promise<void> {
  await tx.query(mark, [org, id, at]);
}

const removed: Statement = {
  name: 'connection-removed-at',
  text: 'select scim_removed_at as at from connections where org_id = $1 and id = $2 and scim_removed_at is not null',
};

/** When a connection was marked; undefined if it is not. ISO 8601 */
export async function findRemoval(db: Executor, org: OrgId, id: ConnectionId): Promise<string | undefined> {
  return (await db.query<{ at: string }>(removed, [org, id]))[0]?.at;
}

/** Where the next batch begins; undefined if none is left. */
type Next = string | undefined;

const users: Statement = {
  name: 'connection-release-users',
  text: `with batch as (
      select user_id from user_links where org_id = $1 and user_id > $3::uuid order by user_id limit $4
    ), gone as (
      delete from user_links l using batch s
      where l.org_id = $1 and l.user_id = s.user_id and l.connection_id = $2
    )
    select (array_agg(user_id order by user_id desc))[1] as next from batch`,
};

/** Releases the next users: the connection provisions them no more. @param after the id that all are above */
export async function releaseUsers(
  tx: Executor,
  org: OrgId,
  id: ConnectionId,
  after: string,
  limit: number,
): Promise<Next> {
  const [row] = await tx.query<{ next: string | null }>(users, [org, id, after, limit]);
  return row?.next ?? undefined;
}

const groups: Statement = {
  name: 'connection-release-groups',
  text: `with batch as (
      select group_id from group_links where org_id = $1 and group_id > $3::uuid order by group_id limit $4
    ), gone as (
      delete from group_links l using batch s
      where l.org_id = $1 and l.group_id = s.group_id and l.connection_id = $2
      returning l.group_id
    ), freed as (
      select group_id from gone where not exists (
        select from group_links o where o.org_id = $1 and o.group_id = gone.group_id and o.connection_id <> $2
      )
    ), g as (
      update groups g set source = 'manual', version = version + 1, updated_at = $5 from freed f
      where g.org_id = $1 and g.id = f.group_id and g.source = 'scim'
      returning ${historyTime('$5')}
    ), m as (
      update group_members m set sources = array(
          select distinct case s when 'scim' then 'manual' else s end from unnest(m.sources) as s order by 1)
      from freed f where m.org_id = $1 and m.group_id = f.group_id and 'scim' = any (m.sources)
      returning ${historyTime('$5')}
    )
    select (array_agg(group_id order by group_id desc))[1] as next, (select count(*) from g), (select count(*) from m)
    from batch`,
  long: true,
};

/**
 * Releases the next groups. One that no other connection provisions is a group of this server from then on, and so are
 * the memberships that SCIM granted in it.
 * @param after the id that all are above @param at ISO 8601
 */
export async function releaseGroups(
  tx: Executor,
  org: OrgId,
  id: ConnectionId,
  after: string,
  limit: number,
  at: string,
): Promise<Next> {
  const [row] = await tx.query<{ next: string | null }>(groups, [org, id, after, limit, at]);
  return row?.next ?? undefined;
}

const signOnStays: Statement = {
  name: 'connection-keep-sign-on',
  text: `update connections c set scim_removed_at = null, role_source = 'app', role_aliases = '{}',
      role_source_set_by = null, dry_run_since = null, hold_mass_changes = false, mass_changes_until = null
    where c.org_id = $1 and c.id = $2
      and exists (select from sso_connections s where s.org_id = $1 and s.connection_id = $2)
    returning c.id`,
};

const remove: Statement = {
  name: 'connection-remove',
  text: 'delete from connections where org_id = $1 and id = $2 and scim_removed_at is not null',
};

const removeTokens: Statement = {
  name: 'connection-remove-tokens',
  text: 'delete from scim_tokens where org_id = $1 and connection_id = $2',
};

/** Deletes a connection that was marked, with its tokens; one that signs users in stays for that. */
export async function deleteConnection(tx: Executor, org: OrgId, id: ConnectionId): Promise<void> {
  await tx.query(removeTokens, [org, id]);
  if ((await tx.query(signOnStays, [org, id])).length === 0) await tx.query(remove, [org, id]);
}
