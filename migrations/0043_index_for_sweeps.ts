import type { Knex } from 'knex';

/** What sweeps look for. A BRIN index of rows that are only ever added is small and built in one quick scan. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('create index sign_in_attempts__at on sign_in_attempts using brin (at)');
  await knex.raw('create index sso_traces__at on sso_traces using brin (at)');
  await knex.raw('alter table lost_memberships add column lost_at timestamptz not null default now()');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table lost_memberships drop column lost_at');
  await knex.raw('drop index sso_traces__at');
  await knex.raw('drop index sign_in_attempts__at');
}
