import type { Knex } from 'knex';

/** A sign-in with a correct password that waits for its code: no form carries the password. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table pending_sign_ins (
      org_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      hash bytea not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      used_at timestamptz,
      constraint pending_sign_ins__id primary key (org_id, id),
      constraint pending_sign_ins__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw('create index pending_sign_ins__hash on pending_sign_ins (hash)');
  await knex.raw('create index pending_sign_ins__user_id on pending_sign_ins (org_id, user_id)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table pending_sign_ins');
}
