import type { Knex } from 'knex';

/** Traces of messages that proved nothing have a quota of their own, so that unauthenticated clients push out no others. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table sso_traces add column is_verified boolean not null default true');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table sso_traces drop column is_verified');
}
