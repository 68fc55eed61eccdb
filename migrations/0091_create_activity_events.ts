import type { Knex } from 'knex';

/**
 * What applications report that users did (ADR 0037), a partition a month; rows are only added, and go with their month
 * or their user. There is no foreign key to `users`: it would lock a row of `users` for each event. Vacuum as of `events`
 * (migration 0052).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table activity_events (
      org_id uuid not null,
      id uuid not null,
      at timestamptz not null,
      user_id uuid not null,
      type text not null,
      agent text,
      resource text,
      resource_tags text[],
      response_ms integer,
      ip inet,
      user_agent text,
      constraint activity_events__id primary key (org_id, id, at)
    ) partition by range (at)`);
  await knex.raw('create index activity_events__user on activity_events (org_id, user_id, at, id)');
  await knex.raw('create index activity_events__at on activity_events (org_id, at, id)');
  // An event is never lost for want of its month; late events of months before the first one stay here.
  await knex.raw(`
    create table activity_events_default partition of activity_events default with (
      autovacuum_vacuum_insert_threshold = 200000, autovacuum_vacuum_insert_scale_factor = 0,
      autovacuum_freeze_min_age = 0, autovacuum_analyze_scale_factor = 0.5)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table activity_events');
}
