import type { Knex } from 'knex';

/**
 * The newest migration that running code must know. Later migrations only add, so that the version before keeps
 * working with the newer schema (the way back of an upgrade); one that breaks it puts its own name here.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    'create table schema_floor (one boolean primary key default true check (one), name text not null)',
  );
  await knex.raw("insert into schema_floor (name) values ('0024_record_schema_floor')");
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table schema_floor');
}
