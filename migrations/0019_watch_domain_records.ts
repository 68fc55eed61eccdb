import type { Knex } from 'knex';

/** A domain that was verified is looked for again: since when its record has been missing. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table sso_domains add column missing_at timestamptz');
  await knex.raw(
    "create index sso_connections__metadata on sso_connections (metadata_checked_at) where state = 'active'",
  );
  await knex.raw('create index sso_keys__retires_at on sso_keys (retires_at) where retires_at is not null');
  await knex.raw(
    'create index sso_domains__checked_at on sso_domains (checked_at) where verified_at is not null',
  );
}

export async function down(knex: Knex): Promise<void> {
  for (const index of ['sso_domains__checked_at', 'sso_keys__retires_at', 'sso_connections__metadata']) {
    await knex.raw(`drop index ${index}`);
  }
  await knex.raw('alter table sso_domains drop column missing_at');
}
