import type { Knex } from 'knex';

/**
 * One queue for all background work. `subject_id` is what there is one job about at a time, a webhook for example;
 * `revision` counts the requests for that job, so that one which comes while it runs is not lost. `queued_at` is when
 * its time to retry began. Workers wake up by `notify rollcall_jobs`.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table jobs add column subject_id uuid, add column revision integer not null default 0,
      add column queued_at timestamptz not null default now()`);
  await knex.raw('create index jobs__kind on jobs (kind, due_at) where dead_at is null');
  await knex.raw('create index jobs__org_id on jobs (org_id, id)');
  await knex.raw('create index jobs__dead_at on jobs (dead_at) where dead_at is not null');
  await knex.raw('create unique index jobs__subject on jobs (subject_id) where subject_id is not null');
  await knex.raw('drop index jobs__due_at');
  await knex.raw(`
    create function notify_jobs() returns trigger language plpgsql as $$
    begin
      perform pg_notify('rollcall_jobs', '');
      return null;
    end $$`);
  await knex.raw(
    'create trigger jobs__notify after insert on jobs for each statement execute function notify_jobs()',
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop trigger jobs__notify on jobs');
  await knex.raw('drop function notify_jobs');
  await knex.raw('create index jobs__due_at on jobs (due_at) where dead_at is null');
  for (const index of ['jobs__kind', 'jobs__org_id', 'jobs__dead_at', 'jobs__subject']) {
    await knex.raw(`drop index ${index}`);
  }
  await knex.raw('alter table jobs drop column subject_id, drop column revision, drop column queued_at');
}
