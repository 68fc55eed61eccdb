import type { Knex } from 'knex';

/** Addresses that wait to be confirmed, one a user; asking again replaces it, so that the link before is dead. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table email_changes (
      org_id uuid not null,
      user_id uuid not null,
      email text not null,
      from_key text not null,
      hash bytea not null,
      requested_by uuid not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      constraint email_changes__id primary key (org_id, user_id),
      constraint email_changes__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  // The hash is what tells the organization.
  await knex.raw('create index email_changes__hash on email_changes (hash)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table email_changes');
}
