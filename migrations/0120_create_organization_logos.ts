import type { Knex } from 'knex';

/** The logo of an organization, for its pages (ADR 0051). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table organization_logos (
      org_id uuid not null,
      address text not null,
      type text not null,
      width integer not null,
      height integer not null,
      content bytea not null,
      created_at timestamptz not null,
      constraint organization_logos__org primary key (org_id)
    )`);
  await knex.raw('create index organization_logos__address on organization_logos (address)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table organization_logos');
}
