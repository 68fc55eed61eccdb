import type { Knex } from 'knex';

/** Built beside the writers, which takes no transaction around it. */
export const config = { transaction: false };

/** `GET /attention` finds the keys that end soon, however many there are. */
export async function up(knex: Knex): Promise<void> {
  // What an interrupted run leaves.
  await knex.raw('drop index concurrently if exists api_keys__expires_at');
  await knex.raw(
    'create index concurrently api_keys__expires_at on api_keys (org_id, expires_at) where revoked_at is null and expires_at is not null',
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index concurrently api_keys__expires_at');
}
