import type { Knex } from 'knex';

/** Built beside the writers, which takes no transaction around it. */
export const config = { transaction: false };

/**
 * Everyone with an address of a domain is found by the end of the address: read backwards, it is the beginning of an entry.
 * The index of the primary key stays the newest (migration 0053). Groups with a pattern are few among many.
 */
export async function up(knex: Knex): Promise<void> {
  // What an interrupted run leaves is not valid.
  await knex.raw('drop index concurrently if exists users__email_backwards');
  await knex.raw('create index concurrently users__email_backwards on users (org_id, reverse(email_key))');
  await knex.raw('drop index concurrently if exists users__id_ccnew');
  await knex.raw('reindex index concurrently users__id');
  await knex.raw('drop index concurrently if exists groups__auto_assign_pattern');
  await knex.raw(`
    create index concurrently groups__auto_assign_pattern on groups (org_id, id) where auto_assign_pattern is not null`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index concurrently groups__auto_assign_pattern');
  await knex.raw('drop index concurrently users__email_backwards');
}
