import type { Knex } from 'knex';

/**
 * A group carries a role and grants (docs/roles.md §4). A membership is one row with its sources: each source is
 * removed by itself, and the row is deleted with the last (ADR 0012).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table groups
      add column description text,
      add column role text constraint groups__role check (role in ('readonly', 'train', 'configure', 'admin')),
      add column source text not null default 'scim' constraint groups__source check (source in ('manual', 'scim', 'sso'))`);
  await knex.raw(`
    alter table group_members
      add column in_group_role text not null default 'member'
        constraint group_members__in_group_role check (in_group_role in ('member', 'manager')),
      add column sources text[] not null default '{scim}'
        constraint group_members__sources check (cardinality(sources) > 0)`);
  // Suspended memberships whose group was deleted: the activation reports them (R84).
  await knex.raw(`
    create table lost_memberships (
      org_id uuid not null,
      user_id uuid not null,
      group_id uuid not null,
      name text not null,
      constraint lost_memberships__id primary key (org_id, user_id, group_id),
      constraint lost_memberships__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table lost_memberships');
  await knex.raw('alter table group_members drop column in_group_role, drop column sources');
  await knex.raw('alter table groups drop column description, drop column role, drop column source');
}
