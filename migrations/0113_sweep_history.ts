import type { Knex } from 'knex';

/** How far the history of each organization has been swept: up to this row, only the newest row of each thing is left. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table history_marks
      add column swept_at timestamptz not null default '-infinity',
      add column swept_seq bigint not null default 0`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table history_marks drop column swept_at, drop column swept_seq');
}
