import type { Knex } from 'knex';

/** When a connection stopped to provision, until a job has released what it provisioned; null for all others. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table connections add column scim_removed_at timestamptz');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table connections drop column scim_removed_at');
}
