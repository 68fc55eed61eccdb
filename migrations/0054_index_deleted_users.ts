import type { Knex } from 'knex';

/** Built beside the writers, which takes no transaction around it. */
export const config = { transaction: false };

/** Users to purge are looked up every hour, in all organizations: few users are deleted, most are not. */
export async function up(knex: Knex): Promise<void> {
  // What an interrupted run leaves is not valid.
  await knex.raw('drop index if exists users__deleted_at');
  await knex.raw(
    'create index concurrently users__deleted_at on users (deleted_at) where deleted_at is not null',
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index users__deleted_at');
}
