import type { Knex } from 'knex';

/** Keys of users. A key is valid while it was enabled after its owner's `keys_from` and the owner is active. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table api_keys (
      org_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      name text not null,
      hash bytea not null,
      scopes text[] not null,
      created_at timestamptz not null,
      enabled_at timestamptz not null,
      expires_at timestamptz,
      revoked_at timestamptz,
      last_used_at timestamptz,
      constraint api_keys__id primary key (org_id, id),
      constraint api_keys__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw('create index api_keys__hash on api_keys (hash)');
  await knex.raw('create index api_keys__user_id on api_keys (org_id, user_id)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table api_keys');
}
