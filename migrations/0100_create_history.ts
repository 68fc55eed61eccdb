import type { Knex } from 'knex';

/** Each table is locked by itself, and briefly, which takes no transaction around it. */
export const config = { transaction: false };

/**
 * What users, groups, memberships, grants and elevations were from which moment on (ADR 0041). Triggers write a row for
 * each change, whoever makes it, also an older version of the server; rows are never changed. `seq` orders the changes of
 * one thing, since its row is locked while it is drawn; those of the snapshot, with which history begins, are negative.
 * `position` is that of the events of the same transaction (ADR 0031).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('create sequence if not exists history_seq');
  await knex.raw(`
    create table if not exists history (
      org_id uuid not null,
      seq bigint not null default nextval('history_seq'),
      at timestamptz not null,
      kind text not null
        constraint history__kind check (kind in ('user', 'membership', 'group', 'grants', 'elevation')),
      user_id uuid,
      group_id uuid,
      item_id uuid,
      position bigint,
      state jsonb,
      constraint history__id primary key (org_id, at, seq)
    )`);
  await knex.raw(
    'create index if not exists history__user on history (org_id, kind, user_id, group_id, seq desc, at) where user_id is not null',
  );
  await knex.raw(
    'create index if not exists history__group on history (org_id, kind, group_id, user_id, seq desc, at) where group_id is not null',
  );
  // The offset of a cluster to which a dump was restored, as the events have it.
  await knex.raw(`
    do $$ begin
      execute format('alter table history alter column position set default (pg_current_xact_id()::text::bigint + %s)',
        (select xid_offset from event_feed));
    end $$`);
  await knex.raw(`
    create table if not exists history_marks (
      org_id uuid not null,
      complete_since timestamptz,
      stage integer not null default 0,
      after_id uuid not null default '00000000-0000-0000-0000-000000000000',
      after_user uuid not null default '00000000-0000-0000-0000-000000000000',
      constraint history_marks__id primary key (org_id)
    )`);
  // The time of the command, where a statement names it; else the time of the database. A membership that is restored
  // keeps the time of its beginning, so that of the command is asked for first.
  await knex.raw(`
    create or replace function history_time() returns timestamptz language sql volatile as $$
      select coalesce(nullif(current_setting('rollcall.at', true), '')::timestamptz, clock_timestamp())
    $$`);
  for (const { name, body } of functions) {
    await knex.raw(`
      create or replace function ${name}() returns trigger language plpgsql as $$
      begin
        ${body}
        return null;
      end $$`);
  }
  for (const trigger of triggers) await knex.raw(`create or replace trigger ${trigger}`);
  await knex.raw('insert into history_marks (org_id) select id from organizations on conflict do nothing');
}

const userState = (row: string) =>
  `jsonb_build_object('status', ${row}.status, 'role', ${row}.role, 'owner', ${row}.owner, 'source', ${row}.source,
            'deletedAt', ${row}.deleted_at, 'deactivations', ${row}.deactivations, 'createdAt', ${row}.created_at)`;
const groupState = (row: string) =>
  `jsonb_build_object('name', ${row}.display_name, 'description', ${row}.description, 'role', ${row}.role,
            'source', ${row}.source, 'createdAt', ${row}.created_at)`;
const membershipState = (row: string) =>
  `jsonb_build_object('inGroupRole', ${row}.in_group_role, 'sources', ${row}.sources, 'addedAt', ${row}.added_at)`;
const elevationState = (row: string) =>
  `jsonb_build_object('role', ${row}.role, 'state', ${row}.state, 'startsAt', ${row}.starts_at,
            'expiresAt', ${row}.expires_at,
            'endedAt', coalesce(${row}.ended_at, case when ${row}.expiry_noted_at is not null then ${row}.expires_at end), 'deactivations', ${row}.deactivations,
            'requestedBy', ${row}.requested_by, 'decidedBy', ${row}.decided_by, 'createdAt', ${row}.created_at)`;
const grantsState = (org: string, group: string) =>
  `(select jsonb_agg(jsonb_build_object('resourceType', resource_type, 'resourceId', resource_id, 'tag', tag, 'level', level)
            order by resource_type, tag, resource_id, level)
          from group_grants where org_id = ${org} and group_id = ${group})`;

const functions = [
  {
    name: 'record_user_history',
    body: `if tg_op = 'DELETE' then
          insert into history (org_id, at, kind, user_id) values (old.org_id, history_time(), 'user', old.id);
        else
          insert into history (org_id, at, kind, user_id, state)
            values (new.org_id, new.updated_at, 'user', new.id, ${userState('new')});
        end if;`,
  },
  {
    name: 'record_group_history',
    body: `if tg_op = 'DELETE' then
          insert into history (org_id, at, kind, group_id) values (old.org_id, history_time(), 'group', old.id);
        else
          insert into history (org_id, at, kind, group_id, state)
            values (new.org_id, new.updated_at, 'group', new.id, ${groupState('new')});
        end if;`,
  },
  {
    name: 'record_elevation_history',
    body: `if tg_op = 'DELETE' then
          insert into history (org_id, at, kind, user_id, item_id)
            values (old.org_id, history_time(), 'elevation', old.user_id, old.id);
        else
          insert into history (org_id, at, kind, user_id, item_id, state)
            values (new.org_id, coalesce(new.ended_at, case when new.expiry_noted_at is not null then new.expires_at end,
                new.starts_at, new.created_at), 'elevation', new.user_id, new.id,
              ${elevationState('new')});
        end if;`,
  },
  {
    name: 'record_membership_history',
    body: `if tg_op = 'INSERT' then
          insert into history (org_id, at, kind, user_id, group_id, state)
            select n.org_id, coalesce(nullif(current_setting('rollcall.at', true), '')::timestamptz, n.added_at), 'membership',
              n.user_id, n.group_id, ${membershipState('n')} from new_rows n;
        elsif tg_op = 'UPDATE' then
          insert into history (org_id, at, kind, user_id, group_id, state)
            select n.org_id, history_time(), 'membership', n.user_id, n.group_id, ${membershipState('n')}
            from new_rows n join old_rows o on o.org_id = n.org_id and o.group_id = n.group_id and o.user_id = n.user_id
            where (o.in_group_role, o.sources) is distinct from (n.in_group_role, n.sources);
        else
          insert into history (org_id, at, kind, user_id, group_id)
            select o.org_id, history_time(), 'membership', o.user_id, o.group_id from old_rows o;
        end if;`,
  },
  {
    name: 'record_grants_history',
    body: `insert into history (org_id, at, kind, group_id, state)
          select g.org_id, history_time(), 'grants', g.group_id, ${grantsState('g.org_id', 'g.group_id')}
          from (select distinct org_id, group_id from changed_rows) g;`,
  },
  {
    name: 'begin_history',
    body: `insert into history_marks (org_id, complete_since) values (new.id, new.created_at) on conflict do nothing;`,
  },
] as const;

const row = (name: string, timing: string, table: string, fn: string, when = '') =>
  `${name} after ${timing} on ${table} for each row ${when === '' ? '' : `when (${when}) `}execute function ${fn}()`;
const changed = (...columns: string[]) =>
  columns.map((column) => `old.${column} is distinct from new.${column}`).join(' or ');

const triggers = [
  row('users__history', 'insert or delete', 'users', 'record_user_history'),
  row(
    'users__history_of_changes',
    'update of status, role, owner, deleted_at, deactivations',
    'users',
    'record_user_history',
    changed('status', 'role', 'owner', 'deleted_at', 'deactivations'),
  ),
  row('groups__history', 'insert or delete', 'groups', 'record_group_history'),
  row(
    'groups__history_of_changes',
    'update of display_name, description, role, source',
    'groups',
    'record_group_history',
    changed('display_name', 'description', 'role', 'source'),
  ),
  row('elevations__history', 'insert or delete', 'elevations', 'record_elevation_history'),
  row(
    'elevations__history_of_changes',
    'update of state, starts_at, expires_at, ended_at, expiry_noted_at, deactivations',
    'elevations',
    'record_elevation_history',
    changed('state', 'starts_at', 'expires_at', 'ended_at', 'expiry_noted_at', 'deactivations'),
  ),
  `group_members__history_of_new after insert on group_members referencing new table as new_rows
    for each statement execute function record_membership_history()`,
  `group_members__history_of_changes after update on group_members
    referencing old table as old_rows new table as new_rows
    for each statement execute function record_membership_history()`,
  `group_members__history_of_old after delete on group_members referencing old table as old_rows
    for each statement execute function record_membership_history()`,
  `group_grants__history_of_new after insert on group_grants referencing new table as changed_rows
    for each statement execute function record_grants_history()`,
  `group_grants__history_of_changes after update on group_grants referencing new table as changed_rows
    for each statement execute function record_grants_history()`,
  `group_grants__history_of_old after delete on group_grants referencing old table as changed_rows
    for each statement execute function record_grants_history()`,
  row('organizations__history', 'insert', 'organizations', 'begin_history'),
];

export async function down(knex: Knex): Promise<void> {
  for (const { name } of functions) await knex.raw(`drop function if exists ${name} cascade`);
  await knex.raw('drop function if exists history_time');
  await knex.raw('drop table if exists history, history_marks');
  await knex.raw('drop sequence if exists history_seq');
}
