import type { Knex } from 'knex';

/** Whether a connection's directory sets roles, what it calls them, and whose right to assign roles it uses. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table connections
      add column role_source text not null default 'app'
        constraint connections__role_source check (role_source in ('app', 'scim_roles', 'idp_groups')),
      add column role_aliases jsonb not null default '{}',
      add column role_source_set_by uuid`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(
    'alter table connections drop column role_source, drop column role_aliases, drop column role_source_set_by',
  );
}
