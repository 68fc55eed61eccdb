import type { Knex } from 'knex';

/**
 * The audit trail: append-only, a partition a month. `changes` holds old and new values of what is not
 * personal, and only the names of personal attributes, so that erasing a user needs no rewriting (ADR 0006).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table events (
      org_id uuid not null,
      id uuid not null,
      at timestamptz not null,
      action text not null,
      actor jsonb not null,
      target_type text not null,
      target_id uuid not null,
      member_id uuid,
      changes jsonb,
      context jsonb,
      constraint events__id primary key (org_id, id, at)
    ) partition by range (at)`);
  // A row is never lost for want of its month; the schedule makes the months ahead.
  await knex.raw('create table events_default partition of events default');
  await knex.raw(`
    create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'events are append-only' using errcode = 'insufficient_privilege';
    end $$`);
  await knex.raw(`
    create trigger events__append_only before update or delete on events
    for each row execute function refuse_change()`);
  // Row triggers reach the partitions by themselves, those on statements do not.
  for (const table of ['events', 'events_default']) {
    await knex.raw(`
      create trigger events__no_truncate before truncate on ${table}
      for each statement execute function refuse_change()`);
    await knex.raw(`revoke update, delete, truncate on ${table} from public, current_user`);
  }
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table events');
  await knex.raw('drop function refuse_change');
}
