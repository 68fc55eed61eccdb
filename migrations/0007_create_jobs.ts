import type { Knex } from 'knex';

/** The outbox and the only queue. A schedule is a row that is due again once it is done (`every_seconds`). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table jobs (
      id uuid constraint jobs__id primary key,
      org_id uuid,
      kind text not null,
      payload jsonb not null default '{}',
      every_seconds integer,
      due_at timestamptz not null,
      leased_until timestamptz,
      leased_by text,
      attempts integer not null default 0,
      last_error text,
      dead_at timestamptz,
      created_at timestamptz not null
    )`);
  await knex.raw('create index jobs__due_at on jobs (due_at) where dead_at is null');
  await knex.raw('create unique index jobs__schedule on jobs (kind) where every_seconds is not null');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table jobs');
}
