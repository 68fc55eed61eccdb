import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table groups (
      org_id uuid not null,
      id uuid not null,
      display_name text not null,
      display_name_key text collate "C" not null,
      version bigint not null default 1,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      profile jsonb not null,
      constraint groups__id primary key (org_id, id),
      constraint groups__display_name unique (org_id, display_name_key)
    )`);
  await knex.raw(`
    create table group_links (
      org_id uuid not null,
      group_id uuid not null,
      connection_id uuid not null,
      external_id text collate "C",
      constraint group_links__id primary key (org_id, group_id, connection_id),
      constraint group_links__group foreign key (org_id, group_id) references groups (org_id, id) on delete cascade
    )`);
  await knex.raw(
    'create unique index group_links__external_id on group_links (org_id, external_id, connection_id)',
  );
  // Whether a membership is in force follows from the user's status: deactivating a user touches no row here.
  await knex.raw(`
    create table group_members (
      org_id uuid not null,
      group_id uuid not null,
      user_id uuid not null,
      added_at timestamptz not null,
      constraint group_members__id primary key (org_id, group_id, user_id),
      constraint group_members__group foreign key (org_id, group_id) references groups (org_id, id) on delete cascade,
      constraint group_members__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw('create index group_members__user_id on group_members (org_id, user_id)');
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['group_members', 'group_links', 'groups']) await knex.raw(`drop table ${table}`);
}
