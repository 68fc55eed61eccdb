/**
 * The statements of bare, by hand: one a request, the rows that the server writes and the columns that an
 * answer needs. They are the benchmark's own, so that a slower statement of the server shows as a worse ratio.
 */

const userColumns = `u.id, u.user_name, u.status, u.version, u.created_at, u.updated_at, u.profile::text as profile,
  l.external_id,
  (select json_agg(json_build_array(g.id, g.display_name))::text
     from group_members m join groups g on g.org_id = m.org_id and g.id = m.group_id
    where m.org_id = u.org_id and m.user_id = u.id) as groups`;

const userSource = `users u left join user_links l
  on l.org_id = u.org_id and l.user_id = u.id and l.connection_id = $2`;

const eventColumns =
  'events (org_id, id, at, action, actor, target_type, target_id, member_id, changes, context)';

/** Adds one to a counter, in the slot of the session that does it. */
const countUp = (name: string, subject: string, at: string) => `
  insert into counters (org_id, name, subject_id, slot, value, changed_at)
  values ($1, '${name}', ${subject}, (pg_backend_pid() % 16)::smallint, 1, ${at})
  on conflict (org_id, name, subject_id, slot)
  do update set value = counters.value + 1, changed_at = excluded.changed_at`;

/** organization, connection, id */
export const readUser = {
  name: 'bare-read',
  text: `select ${userColumns} from ${userSource} where u.org_id = $1 and u.id = $3 and u.deleted_at is null`,
};

/** organization, connection, lower-cased userName */
export const lookUpUser = {
  name: 'bare-lookup',
  text: `select ${userColumns} from ${userSource}
    where u.org_id = $1 and u.user_name_key = $3 and u.deleted_at is null`,
};

/** organization, connection */
export const listUsers = {
  name: 'bare-list',
  text: `select ${userColumns}, (
      select sum(c.value)::int from counters c where c.org_id = $1 and c.name = 'users' and c.subject_id = $1
    ) as total
    from ${userSource} where u.org_id = $1 and u.deleted_at is null order by u.id limit 100`,
};

/** organization, connection, id, status, now, event id, actor, context, action, changes */
export const setStatus = {
  name: 'bare-patch',
  text: `with u as (
      update users set status = $4, version = version + 1, updated_at = $5 where org_id = $1 and id = $3 returning *
    ), e as (
      insert into ${eventColumns} values ($1, $6, $5, $9, $7::jsonb, 'user', $3, null, $10::jsonb, $8::jsonb)
    )
    select ${userColumns} from u left join user_links l
      on l.org_id = $1 and l.user_id = $3 and l.connection_id = $2`,
};

/** organization, group, user, now, event id, actor, context */
export const addMember = {
  name: 'bare-add-member',
  text: `with m as (
      insert into group_members (org_id, group_id, user_id, added_at) values ($1, $2, $3, $4)
    ), n as (${countUp('group', '$2::uuid', '$4')})
    insert into ${eventColumns}
    values ($1, $5, $4, 'group.member_added', $6::jsonb, 'group', $2, $3, null, $7::jsonb)`,
};

/** organization, group, user, now, event id, actor, context */
export const removeMember = {
  name: 'bare-remove-member',
  text: `with m as (
      delete from group_members where org_id = $1 and group_id = $2 and user_id = $3
    ), n as (${countUp('group', '$2::uuid', '$4')})
    insert into ${eventColumns}
    values ($1, $5, $4, 'group.member_removed', $6::jsonb, 'group', $2, $3, null, $7::jsonb)`,
};

/** organization, id, userName, e-mail, displayName, profile, connection, externalId, now, event id, actor, context */
export const createUser = {
  name: 'bare-create',
  text: `with u as (
      insert into users (org_id, id, user_name, user_name_key, email, email_key, display_name_key, status, role, source,
        created_at, updated_at, profile)
      values ($1, $2, $3, lower($3), $4, lower($4), lower($5), 'active', 'readonly', 'scim', $9, $9, $6::jsonb)
    ), l as (
      insert into user_links (org_id, user_id, connection_id, external_id) values ($1, $2, $7, $8)
    ), k as (
      insert into user_email_keys (org_id, email_key, user_id) values ($1, lower($4), $2)
    ), n as (${countUp('users', '$1::uuid', '$9')})
    insert into ${eventColumns}
    values ($1, $10, $9, 'user.created', $11::jsonb, 'user', $2, null, null, $12::jsonb)`,
};
