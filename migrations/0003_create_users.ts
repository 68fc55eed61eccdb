import type { Knex } from 'knex';

/**
 * A user is the columns that rules and lookups need, and the rest as one document. Keys are the
 * lower-cased forms that are compared (`collate "C"`: by bytes, and prefixes use the index). A deleted user has
 * no keys, which frees its names; partial indexes would do that too, but a planner without statistics takes
 * them for tiny and walks one instead of the primary key, which made the first import of 20,000 quadratic.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table users (
      org_id uuid not null,
      id uuid not null,
      user_name text not null,
      user_name_key text collate "C",
      email text,
      email_key text collate "C",
      display_name_key text collate "C",
      status text not null constraint users__status check (status in ('active', 'inactive', 'pending')),
      role text not null constraint users__role check (role in ('readonly', 'train', 'configure', 'admin')),
      owner boolean not null default false,
      source text not null constraint users__source check (source in ('bootstrap', 'scim', 'sso', 'invitation', 'import', 'admin')),
      version bigint not null default 1,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      deleted_at timestamptz,
      profile jsonb not null,
      constraint users__id primary key (org_id, id),
      constraint users__deleted check ((deleted_at is null) = (user_name_key is not null))
    )`);
  await knex.raw('create unique index users__user_name on users (org_id, user_name_key)');
  await knex.raw('create unique index users__email on users (org_id, email_key)');
  await knex.raw('create index users__display_name on users (org_id, display_name_key)');
  await knex.raw('create index users__updated_at on users (org_id, updated_at)');
  // Which connections provision a user, and what each calls them: an externalId is the connection's own.
  await knex.raw(`
    create table user_links (
      org_id uuid not null,
      user_id uuid not null,
      connection_id uuid not null,
      external_id text collate "C",
      constraint user_links__id primary key (org_id, user_id, connection_id),
      constraint user_links__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  // The connection last: in the middle, a planner without statistics would take it for as good as the primary key.
  await knex.raw(
    'create unique index user_links__external_id on user_links (org_id, external_id, connection_id)',
  );
  // An index in a table's clothes: every e-mail of a user, so that any of them finds the user (ADR 0003).
  await knex.raw(`
    create table user_email_keys (
      org_id uuid not null,
      email_key text collate "C" not null,
      user_id uuid not null,
      constraint user_email_keys__id primary key (org_id, email_key, user_id)
    )`);
  await knex.raw(`
    create table user_passwords (
      org_id uuid not null,
      user_id uuid not null,
      hash text not null,
      changed_at timestamptz not null,
      constraint user_passwords__id primary key (org_id, user_id),
      constraint user_passwords__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['user_passwords', 'user_email_keys', 'user_links', 'users']) {
    await knex.raw(`drop table ${table}`);
  }
}
