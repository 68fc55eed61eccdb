import type { Knex } from 'knex';

const figures = `
      events bigint not null,
      queries bigint not null,
      response_ms bigint not null,
      responses bigint not null`;

/** Rows are updated all the time: free space lets that happen within a page, with no new entries in indexes. */
const storage = 'with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)';

/**
 * What dashboards and charts read instead of events: figures by the hour. An empty agent stands for events that name none.
 * The hours of a user go with the user by the foreign key, and then, by a trigger that sees what the key has waited for,
 * the user's events: a batch that is being stored at that moment either is seen, or fails by the key (ADR 0037).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table activity_user_hours (
      org_id uuid not null,
      user_id uuid not null,
      hour timestamptz not null,
      agent text collate "C" not null,${figures},
      constraint activity_user_hours__id primary key (org_id, user_id, hour, agent),
      constraint activity_user_hours__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    ) ${storage}`);
  await knex.raw('create index activity_user_hours__hour on activity_user_hours (org_id, hour)');
  await knex.raw(`
    create table activity_agent_hours (
      org_id uuid not null,
      hour timestamptz not null,
      agent text collate "C" not null,${figures},
      constraint activity_agent_hours__id primary key (org_id, hour, agent)
    ) ${storage}`);
  await knex.raw(`
    create table activity_resource_hours (
      org_id uuid not null,
      hour timestamptz not null,
      resource text collate "C" not null,${figures},
      constraint activity_resource_hours__id primary key (org_id, hour, resource)
    ) ${storage}`);
  // For the sweeps, which go by the hour alone.
  for (const table of ['activity_user_hours', 'activity_agent_hours', 'activity_resource_hours']) {
    await knex.raw(`create index ${table}__age on ${table} using brin (hour)`);
  }
  await knex.raw(`
    create function erase_activity() returns trigger language plpgsql as $$
    begin
      delete from activity_events where org_id = old.org_id and user_id = old.id;
      return null;
    end $$`);
  // Triggers run in the order of their names: that of the foreign key begins with a capital, and so comes first.
  await knex.raw(`
    create trigger users__erase_activity after delete on users
    for each row execute function erase_activity()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop trigger users__erase_activity on users');
  await knex.raw('drop function erase_activity');
  for (const table of ['activity_resource_hours', 'activity_agent_hours', 'activity_user_hours']) {
    await knex.raw(`drop table ${table}`);
  }
}
