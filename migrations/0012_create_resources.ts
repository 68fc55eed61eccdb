import type { Knex } from 'knex';

/** What the host product has, agents above all; a group's grants say who may use, edit or manage it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table resources (
      org_id uuid not null,
      id uuid not null,
      type text not null,
      name text not null,
      owner_id uuid,
      tags text[] not null default '{}',
      version bigint not null default 1,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      constraint resources__id primary key (org_id, id),
      constraint resources__owner foreign key (org_id, owner_id) references users (org_id, id)
    )`);
  await knex.raw('create index resources__owner_id on resources (org_id, owner_id)');
  await knex.raw('create index resources__type on resources (org_id, type, id)');
  await knex.raw(`
    create table group_grants (
      org_id uuid not null,
      id uuid not null,
      group_id uuid not null,
      resource_type text not null,
      resource_id uuid,
      tag text,
      level text not null constraint group_grants__level check (level in ('use', 'edit', 'manage')),
      constraint group_grants__id primary key (org_id, id),
      constraint group_grants__one_target check ((resource_id is null) <> (tag is null)),
      constraint group_grants__group foreign key (org_id, group_id) references groups (org_id, id) on delete cascade,
      constraint group_grants__resource foreign key (org_id, resource_id) references resources (org_id, id) on delete cascade
    )`);
  await knex.raw('create index group_grants__group_id on group_grants (org_id, group_id)');
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['group_grants', 'resources']) await knex.raw(`drop table ${table}`);
}
