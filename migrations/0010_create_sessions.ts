import type { Knex } from 'knex';

/** Signing in. Every secret is a hash (tokens: SHA-256 of 256 random bits) or sealed with the secret key. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table sessions (
      org_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      hash bytea not null,
      method text not null,
      started_at timestamptz not null,
      seen_at timestamptz not null,
      ended_at timestamptz,
      ip text,
      user_agent text,
      constraint sessions__id primary key (org_id, id),
      constraint sessions__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  // Like a SCIM token's: the hash is what tells the organization.
  await knex.raw('create index sessions__hash on sessions (hash)');
  await knex.raw('create index sessions__user_id on sessions (org_id, user_id)');
  await knex.raw(`
    create table user_totp (
      org_id uuid not null,
      user_id uuid not null,
      sealed_secret text not null,
      confirmed_at timestamptz,
      last_step bigint not null default 0,
      recovery_hashes bytea[] not null default '{}',
      constraint user_totp__id primary key (org_id, user_id),
      constraint user_totp__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw(`
    create table password_resets (
      org_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      hash bytea not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      used_at timestamptz,
      constraint password_resets__id primary key (org_id, id),
      constraint password_resets__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw('create index password_resets__hash on password_resets (hash)');
  // Apart from the events, because an address is personal and goes with the user.
  await knex.raw(`
    create table sign_in_attempts (
      org_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      at timestamptz not null,
      outcome text not null,
      method text not null,
      ip text,
      user_agent text,
      constraint sign_in_attempts__id primary key (org_id, id),
      constraint sign_in_attempts__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw('create index sign_in_attempts__user_id on sign_in_attempts (org_id, user_id, at)');
  // Of no organization: a guess names none.
  await knex.raw(`
    create table throttles (
      key bytea constraint throttles__key primary key,
      hits integer not null,
      resets_at timestamptz not null
    )`);
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['throttles', 'sign_in_attempts', 'password_resets', 'user_totp', 'sessions']) {
    await knex.raw(`drop table ${table}`);
  }
}
