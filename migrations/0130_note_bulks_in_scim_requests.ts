import type { Knex } from 'knex';

/**
 * Each operation of a Bulk is a row of the provisioning log: `part_of` is the Bulk's, and `bulk` of the Bulk's row how
 * many operations it had and how many failed (ADR 0057).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table scim_requests add column part_of uuid, add column bulk jsonb');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table scim_requests drop column part_of, drop column bulk');
}
