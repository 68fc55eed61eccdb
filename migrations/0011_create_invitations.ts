import type { Knex } from 'knex';

/** One row a user: sending again gives it another hash and another end, so that the old link is dead. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table invitations (
      org_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      hash bytea not null,
      invited_by uuid,
      job_function text,
      reason text,
      created_at timestamptz not null,
      sent_at timestamptz not null,
      expires_at timestamptz not null,
      accepted_at timestamptz,
      revoked_at timestamptz,
      constraint invitations__id primary key (org_id, id),
      constraint invitations__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw('create index invitations__hash on invitations (hash)');
  await knex.raw('create index invitations__user_id on invitations (org_id, user_id)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table invitations');
}
