import type { Knex } from 'knex';

/**
 * Bundles for auditors, in pieces so that none is in memory whole, and the key of each organization with which they are
 * signed (ADR 0041).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table history_keys (
      org_id uuid not null,
      id uuid not null,
      public_key text not null,
      sealed_private_key text not null,
      created_at timestamptz not null,
      constraint history_keys__id primary key (org_id, id)
    )`);
  await knex.raw(`
    create table history_bundles (
      org_id uuid not null,
      id uuid not null,
      requested_by uuid not null,
      as_of timestamptz not null,
      from_at timestamptz,
      review_id uuid,
      state text not null constraint history_bundles__state check (state in ('running', 'done')),
      bytes bigint,
      sha256 text,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      constraint history_bundles__id primary key (org_id, id)
    )`);
  await knex.raw('create index history_bundles__expires_at on history_bundles (expires_at)');
  await knex.raw(`
    create table history_bundle_pieces (
      org_id uuid not null,
      bundle_id uuid not null,
      n integer not null,
      bytes bytea not null,
      constraint history_bundle_pieces__id primary key (org_id, bundle_id, n),
      constraint history_bundle_pieces__bundle foreign key (org_id, bundle_id)
        references history_bundles (org_id, id) on delete cascade
    )`);
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['history_bundle_pieces', 'history_bundles', 'history_keys']) {
    await knex.raw(`drop table ${table}`);
  }
}
