import type { Knex } from 'knex';

/**
 * A counter that many writers raise concurrently: its value is the sum of its slots, and a writer takes the slot
 * of its own Postgres backend, so that no writer waits for another (ADR 0004, ADR 0005).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table counters (
      org_id uuid not null,
      name text not null,
      subject_id uuid not null,
      slot smallint not null,
      value bigint not null,
      changed_at timestamptz not null,
      constraint counters__id primary key (org_id, name, subject_id, slot)
    ) with (fillfactor = 50)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table counters');
}
