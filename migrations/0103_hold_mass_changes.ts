import type { Knex } from 'knex';

/**
 * Mass changes by a connection (ADR 0042): whether it is held, and until when an administrator allows one; how many users
 * it took access from, by the minute; and users whose deletion for good waits until it is known to be no mass change.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table connections
      add column hold_mass_changes boolean not null default false,
      add column mass_changes_until timestamptz`);
  await knex.raw(`
    create table connection_removals (
      org_id uuid not null,
      connection_id uuid not null,
      minutes jsonb not null,
      told_at timestamptz,
      constraint connection_removals__id primary key (org_id, connection_id)
    )`);
  await knex.raw(`
    create table waiting_erasures (
      org_id uuid not null,
      user_id uuid not null,
      connection_id uuid not null,
      deleted_at timestamptz not null,
      due_at timestamptz not null,
      constraint waiting_erasures__id primary key (org_id, user_id),
      constraint waiting_erasures__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw('create index waiting_erasures__due on waiting_erasures (due_at)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table waiting_erasures');
  await knex.raw('drop table connection_removals');
  await knex.raw('alter table connections drop column hold_mass_changes, drop column mass_changes_until');
}
