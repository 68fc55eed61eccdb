import type { Knex } from 'knex';

/**
 * Fingerprints of the keys that secrets at rest are encrypted with: a server that has another key does not start. Two
 * of them only while the key is being rotated.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table secret_keys (
      fingerprint bytea constraint secret_keys__fingerprint primary key,
      first_used_at timestamptz not null
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table secret_keys');
}
