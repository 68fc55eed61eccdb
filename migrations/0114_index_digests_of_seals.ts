import type { Knex } from 'knex';

export const config = { transaction: false };

/** A digest that was kept elsewhere is looked up among all seals of an organization: one a minute. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('drop index concurrently if exists event_seals__digest');
  await knex.raw('create index concurrently event_seals__digest on event_seals (org_id, digest)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index concurrently event_seals__digest');
}
