import type { Knex } from 'knex';

/**
 * Figures of users by the day in UTC, which the top users are added up from (ADR 0056). They are whole from the second
 * day after this migration on, when no process of the version before is left that counts hours alone; what lies before is
 * added up from hours.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table activity_user_days (
      org_id uuid not null,
      user_id uuid not null,
      day date not null,
      events bigint not null,
      queries bigint not null,
      response_ms bigint not null,
      responses bigint not null,
      constraint activity_user_days__id primary key (org_id, user_id, day),
      constraint activity_user_days__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)`);
  await knex.raw('create index activity_user_days__day on activity_user_days (org_id, day)');
  await knex.raw('create index activity_user_days__age on activity_user_days using brin (day)');
  await knex.raw(`
    create table activity_user_days_since (
      day date not null,
      constraint activity_user_days_since__one primary key (day)
    )`);
  await knex.raw(`insert into activity_user_days_since values ((now() at time zone 'UTC')::date + 2)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table activity_user_days_since');
  await knex.raw('drop table activity_user_days');
}
