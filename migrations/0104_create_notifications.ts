import type { Knex } from 'knex';

/**
 * What people are told of (ADR 0044): a line for each recipient, until its mail is sent and for a while after, so that no
 * one is told twice; what users chose; and the day of an organization's last digest.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table notifications (
      org_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      topic text not null,
      key text not null,
      about_id uuid,
      line text not null,
      path text,
      frequency text not null constraint notifications__frequency check (frequency in ('at_once', 'daily')),
      created_at timestamptz not null,
      settled_at timestamptz,
      mail_id uuid,
      constraint notifications__id primary key (org_id, id),
      constraint notifications__key unique (org_id, user_id, topic, key),
      constraint notifications__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade,
      constraint notifications__about foreign key (org_id, about_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw(
    'create index notifications__waiting on notifications (org_id, frequency, created_at) where settled_at is null',
  );
  await knex.raw(
    'create index notifications__mailed on notifications (org_id, user_id, topic, settled_at) where mail_id is not null',
  );
  await knex.raw(
    'create index notifications__about on notifications (org_id, about_id) where about_id is not null',
  );
  await knex.raw('create index notifications__created_at on notifications (created_at)');
  await knex.raw(`
    create table notification_preferences (
      org_id uuid not null,
      user_id uuid not null,
      topic text not null,
      frequency text not null
        constraint notification_preferences__frequency check (frequency in ('at_once', 'daily', 'off')),
      constraint notification_preferences__id primary key (org_id, user_id, topic),
      constraint notification_preferences__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw(`
    create table notification_digests (
      org_id uuid not null,
      day date not null,
      constraint notification_digests__id primary key (org_id)
    )`);
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['notification_digests', 'notification_preferences', 'notifications']) {
    await knex.raw(`drop table ${table}`);
  }
}
