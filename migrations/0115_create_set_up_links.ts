import type { Knex } from 'knex';

/** Links with which the administrator of an identity provider sets one connection up, without an account here (R154). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table set_up_links (
      org_id uuid not null,
      id uuid not null,
      sso_connection_id uuid,
      scim_connection_id uuid,
      label text not null,
      hash bytea not null,
      may_activate boolean not null,
      created_by uuid not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      opened_at timestamptz,
      revoked_at timestamptz,
      test_hash bytea,
      test_until timestamptz,
      constraint set_up_links__id primary key (org_id, id),
      constraint set_up_links__connection check (num_nonnulls(sso_connection_id, scim_connection_id) = 1),
      constraint set_up_links__sso_connection foreign key (org_id, sso_connection_id)
        references sso_connections (org_id, connection_id) on delete cascade,
      constraint set_up_links__scim_connection foreign key (org_id, scim_connection_id)
        references connections (org_id, id) on delete cascade
    )`);
  await knex.raw('create index set_up_links__hash on set_up_links (hash)');
  await knex.raw('create index set_up_links__sso_connection on set_up_links (org_id, sso_connection_id)');
  await knex.raw('create index set_up_links__scim_connection on set_up_links (org_id, scim_connection_id)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table set_up_links');
}
