import type { Knex } from 'knex';

/** A connection is a link to one identity provider; its tokens are kept as SHA-256 only. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table connections (
      org_id uuid not null constraint connections__organization references organizations (id),
      id uuid not null,
      name text not null,
      strict boolean not null default false,
      created_at timestamptz not null,
      constraint connections__id primary key (org_id, id)
    )`);
  await knex.raw(`
    create table scim_tokens (
      org_id uuid not null,
      id uuid not null,
      connection_id uuid not null,
      hash bytea not null,
      created_at timestamptz not null,
      expires_at timestamptz,
      revoked_at timestamptz,
      last_used_at timestamptz,
      constraint scim_tokens__id primary key (org_id, id),
      constraint scim_tokens__connection foreign key (org_id, connection_id)
        references connections (org_id, id) on delete cascade
    )`);
  // The one lookup that cannot name its organization: the hash is what tells it.
  await knex.raw('create index scim_tokens__hash on scim_tokens (hash)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table scim_tokens');
  await knex.raw('drop table connections');
}
