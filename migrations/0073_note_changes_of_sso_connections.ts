import type { Knex } from 'knex';

/** When anything of a connection was last changed; `updated_at` says it of what a test proves. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table sso_connections add column changed_at timestamptz');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table sso_connections drop column changed_at');
}
