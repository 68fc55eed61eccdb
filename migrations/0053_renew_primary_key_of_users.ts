import type { Knex } from 'knex';

/** Built beside the writers, which takes no transaction around it. */
export const config = { transaction: false };

/**
 * While a table is empty, all indexes that begin with `org_id` and hold the `id` somewhere cost the same, and Postgres
 * takes the newest of them. Sessions keep that plan for their foreign keys until the table is analysed, so that each of
 * the first users was looked up through all before it: at 20,000 a creation took three times as long as the first. So
 * the index of the primary key must be the newest: whatever adds an index to `users` renews it once more
 * (test/directory/plans.test.ts).
 */
export async function up(knex: Knex): Promise<void> {
  // What an interrupted run leaves.
  await knex.raw('drop index if exists users__id_ccnew');
  await knex.raw('reindex index concurrently users__id');
}

/** Which index is the newest changes nothing for an older version. */
export async function down(): Promise<void> {
  return;
}
