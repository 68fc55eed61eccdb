import type { Knex } from 'knex';

/**
 * A seal covers the events of an organization between two places of the feed (ADR 0036): `root` is the Merkle root over
 * their rows, `prev` the digest of the seal before, `leaves` the id and the first half of the digest of each row, so that
 * a row that differs can be named.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table event_seals (
      org_id uuid not null,
      n bigint not null,
      from_position bigint not null,
      from_id uuid not null,
      to_position bigint not null,
      to_id uuid not null,
      first_at timestamptz not null,
      last_at timestamptz not null,
      rows integer not null,
      root bytea not null,
      prev bytea not null,
      digest bytea not null,
      leaves bytea not null,
      created_at timestamptz not null,
      constraint event_seals__id primary key (org_id, n)
    )`);
  await knex.raw('create index event_seals__position on event_seals (org_id, to_position, to_id)');
  await knex.raw(`
    create trigger event_seals__append_only before update or delete on event_seals
    for each row execute function refuse_change()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table event_seals');
}
