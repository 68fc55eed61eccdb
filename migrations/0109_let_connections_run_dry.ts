import type { Knex } from 'knex';

/** Since when a connection answers as it would and writes nothing (R153); null for one that provisions. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table connections add column dry_run_since timestamptz');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table connections drop column dry_run_since');
}
