import type { Knex } from 'knex';

/** Built beside the writers, which takes no transaction around it. */
export const config = { transaction: false };

/**
 * An externalId is the directory's name for a group, and RFC 7643 §3.1 leaves it to the directory whether it is unique: the
 * index still finds the groups, several if there are. It takes the place of the unique one without a moment without any.
 */
export async function up(knex: Knex): Promise<void> {
  // What an interrupted run leaves.
  await knex.raw('drop index concurrently if exists group_links__by_external_id');
  await knex.raw(
    'create index concurrently group_links__by_external_id on group_links (org_id, external_id, connection_id)',
  );
  await knex.raw('drop index concurrently if exists group_links__external_id');
}

/** Fails where two groups of a connection have one externalId by now. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(
    'create unique index concurrently group_links__external_id on group_links (org_id, external_id, connection_id)',
  );
  await knex.raw('drop index concurrently group_links__by_external_id');
}
