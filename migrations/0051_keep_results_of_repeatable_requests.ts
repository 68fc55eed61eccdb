import type { Knex } from 'knex';

/** What each command of a request returned, written in the command's transaction; sealed, by the command's number. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`alter table idempotency_keys add column results jsonb not null default '{}'`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table idempotency_keys drop column results');
}
