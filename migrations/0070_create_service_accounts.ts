import type { Knex } from 'knex';

/**
 * Accounts of programs. The owner is a user who answers for one and has no foreign key: an account outlives the
 * user, and its keys stop until it has another owner.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table service_accounts (
      org_id uuid not null,
      id uuid not null,
      name text not null,
      description text,
      role text not null,
      status text not null,
      owner_id uuid not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      deleted_at timestamptz,
      version integer not null default 1,
      constraint service_accounts__id primary key (org_id, id)
    )`);
  await knex.raw('create index service_accounts__owner_id on service_accounts (org_id, owner_id)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table service_accounts');
}
