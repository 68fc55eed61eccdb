import type { Knex } from 'knex';

/**
 * Single sign-on. A connection that signs users in has a row in `sso_connections`; what a protocol needs of it is
 * one document (directory/sso/settings.ts). An identity is a connection and what it calls a user.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table sso_connections (
      org_id uuid not null,
      connection_id uuid not null,
      protocol text not null constraint sso_connections__protocol check (protocol in ('saml', 'oidc')),
      provider text not null,
      state text not null default 'draft' constraint sso_connections__state check (state in ('draft', 'active', 'off')),
      settings jsonb not null,
      provisioning jsonb not null default '{}',
      sealed_secret text,
      staged jsonb,
      metadata_etag text,
      metadata_checked_at timestamptz,
      metadata_error text,
      tested_at timestamptz,
      version bigint not null default 1,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      constraint sso_connections__id primary key (org_id, connection_id),
      constraint sso_connections__connection foreign key (org_id, connection_id)
        references connections (org_id, id) on delete cascade
    )`);
  // An address of ours names the connection and no organization: the connection is what tells it.
  await knex.raw('create index sso_connections__connection_id on sso_connections (connection_id)');
  await knex.raw(`
    create table sso_certificates (
      org_id uuid not null,
      connection_id uuid not null,
      fingerprint text not null,
      pem text not null,
      subject text not null,
      not_before timestamptz not null,
      not_after timestamptz not null,
      source text not null constraint sso_certificates__source check (source in ('upload', 'metadata')),
      added_at timestamptz not null,
      last_used_at timestamptz,
      constraint sso_certificates__id primary key (org_id, connection_id, fingerprint),
      constraint sso_certificates__connection foreign key (org_id, connection_id)
        references sso_connections (org_id, connection_id) on delete cascade
    )`);
  // Our own keys, sealed: two of a use while one takes the other's place.
  await knex.raw(`
    create table sso_keys (
      org_id uuid not null,
      connection_id uuid not null,
      id uuid not null,
      use text not null constraint sso_keys__use check (use in ('signing', 'encryption')),
      sealed_private_key text not null,
      certificate text not null,
      created_at timestamptz not null,
      retires_at timestamptz,
      constraint sso_keys__id primary key (org_id, connection_id, id),
      constraint sso_keys__connection foreign key (org_id, connection_id)
        references sso_connections (org_id, connection_id) on delete cascade
    )`);
  await knex.raw(`
    create table sso_domains (
      org_id uuid not null,
      domain text collate "C" not null,
      connection_id uuid not null,
      token text not null,
      enforced boolean not null default false,
      created_at timestamptz not null,
      checked_at timestamptz,
      verified_at timestamptz,
      constraint sso_domains__id primary key (org_id, domain),
      constraint sso_domains__connection foreign key (org_id, connection_id)
        references sso_connections (org_id, connection_id) on delete cascade
    )`);
  // Of no organization: a sign-in begins with an address only. A domain is verified by one organization.
  await knex.raw(`
    create table verified_domains (
      domain text collate "C" constraint verified_domains__domain primary key,
      org_id uuid not null
    )`);
  await knex.raw(`
    create table identities (
      org_id uuid not null,
      connection_id uuid not null,
      subject text collate "C" not null,
      user_id uuid not null,
      linked_by text not null
        constraint identities__linked_by check (linked_by in ('jit', 'external_id', 'email', 'confirmation', 'admin')),
      linked_at timestamptz not null,
      last_used_at timestamptz,
      constraint identities__id primary key (org_id, connection_id, subject),
      constraint identities__user unique (org_id, user_id, connection_id),
      constraint identities__owner foreign key (org_id, user_id) references users (org_id, id) on delete cascade,
      constraint identities__connection foreign key (org_id, connection_id)
        references sso_connections (org_id, connection_id) on delete cascade
    )`);
  // Sign-ins that have begun: what their answer must fit, and which browser began them.
  await knex.raw(`
    create table sso_requests (
      org_id uuid not null,
      connection_id uuid not null,
      key text not null,
      purpose text not null constraint sso_requests__purpose check (purpose in ('sign_in', 'test', 'step_up')),
      browser_hash bytea not null,
      sealed text,
      return_to text,
      user_id uuid,
      session_id uuid,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      used_at timestamptz,
      constraint sso_requests__id primary key (org_id, connection_id, key)
    )`);
  await knex.raw('create index sso_requests__expires_at on sso_requests (expires_at)');
  await knex.raw(`
    create table sso_replays (
      org_id uuid not null,
      connection_id uuid not null,
      assertion_id text not null,
      expires_at timestamptz not null,
      constraint sso_replays__id primary key (org_id, connection_id, assertion_id)
    )`);
  await knex.raw('create index sso_replays__expires_at on sso_replays (expires_at)');
  await knex.raw(`
    create table identity_confirmations (
      org_id uuid not null,
      id uuid not null,
      hash bytea not null,
      connection_id uuid not null,
      subject text not null,
      user_id uuid not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      used_at timestamptz,
      constraint identity_confirmations__id primary key (org_id, id),
      constraint identity_confirmations__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade,
      constraint identity_confirmations__connection foreign key (org_id, connection_id)
        references sso_connections (org_id, connection_id) on delete cascade
    )`);
  await knex.raw('create index identity_confirmations__hash on identity_confirmations (hash)');
  await knex.raw(`
    create table sso_traces (
      org_id uuid not null,
      id uuid not null,
      connection_id uuid not null,
      at timestamptz not null,
      purpose text not null,
      outcome text not null constraint sso_traces__outcome check (outcome in ('signed_in', 'tested', 'proved', 'refused')),
      reason text,
      detail text,
      user_id uuid,
      seen jsonb not null default '{}',
      constraint sso_traces__id primary key (org_id, id),
      constraint sso_traces__connection foreign key (org_id, connection_id)
        references sso_connections (org_id, connection_id) on delete cascade
    )`);
  await knex.raw('create index sso_traces__connection_id on sso_traces (org_id, connection_id, id)');
  // Digests of names of users who were deleted: no sign-in brings them back (docs/sso-design.md §4, rule 2).
  await knex.raw(`
    create table tombstones (
      org_id uuid not null,
      key bytea not null,
      deleted_at timestamptz not null,
      constraint tombstones__id primary key (org_id, key)
    )`);
  await knex.raw(`
    alter table sessions
      add column connection_id uuid,
      add column subject text collate "C",
      add column session_index text,
      add column sealed_hint text,
      add column expires_at timestamptz,
      add column proved_at timestamptz`);
  await knex.raw(
    'create index sessions__subject on sessions (org_id, connection_id, subject) where connection_id is not null',
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table sessions drop column connection_id, drop column subject, drop column session_index,
      drop column sealed_hint, drop column expires_at, drop column proved_at`);
  for (const table of [
    'tombstones',
    'sso_traces',
    'identity_confirmations',
    'sso_replays',
    'sso_requests',
    'identities',
    'verified_domains',
    'sso_domains',
    'sso_keys',
    'sso_certificates',
    'sso_connections',
  ]) {
    await knex.raw(`drop table ${table}`);
  }
}
