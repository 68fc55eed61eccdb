import type { Knex } from 'knex';

/** Which seal went out on which day (UTC), so that each day has one whatever worker died: see `publish_seals`. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table seal_publications (
      org_id uuid not null,
      day date not null,
      n bigint not null,
      digest bytea not null,
      published_at timestamptz not null,
      constraint seal_publications__id primary key (org_id, day)
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table seal_publications');
}
