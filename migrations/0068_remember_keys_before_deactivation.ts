import type { Knex } from 'knex';

/**
 * Keys that were enabled before `keys_from` are stopped. What it was before the last deactivation tells those that the
 * deactivation stopped from those that an administrator had disabled earlier.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table users add column keys_from_before timestamptz');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table users drop column keys_from_before');
}
