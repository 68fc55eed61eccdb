import type { Knex } from 'knex';

/** A provider's metadata states how long it may be cached. When it is read again: a day after the last time by default. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table sso_connections add column metadata_due_at timestamptz');
  await knex.raw(
    "update sso_connections set metadata_due_at = metadata_checked_at + interval '1 day' where metadata_checked_at is not null",
  );
  await knex.raw('drop index sso_connections__metadata');
  await knex.raw(
    "create index sso_connections__metadata on sso_connections (metadata_due_at) where state = 'active'",
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index sso_connections__metadata');
  await knex.raw(
    "create index sso_connections__metadata on sso_connections (metadata_checked_at) where state = 'active'",
  );
  await knex.raw('alter table sso_connections drop column metadata_due_at');
}
