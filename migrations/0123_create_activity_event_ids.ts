import type { Knex } from 'knex';

/**
 * The ids of the activity events that came in the last days, a partition for each day of receipt: an event that is sent
 * again with another time is found among them, however many events are kept (ADR 0055). With the same time the key of
 * `activity_events` finds it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table activity_event_ids (
      org_id uuid not null,
      id uuid not null,
      at timestamptz not null,
      constraint activity_event_ids__id primary key (org_id, id, at)
    ) partition by range (at)`);
  await knex.raw('create table activity_event_ids_default partition of activity_event_ids default');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table activity_event_ids');
}
