import type { Knex } from 'knex';

/**
 * How far each consumer of an organization's events has read (ADR 0031). `event_feed` is what turns the id of a
 * transaction into a position: another cluster, to which a dump was restored, counts its transactions from the start,
 * so there the offset lifts them above all that was recorded.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table event_cursors (
      org_id uuid not null,
      consumer text not null,
      position bigint not null,
      event_id uuid not null,
      constraint event_cursors__id primary key (org_id, consumer)
    )`);
  await knex.raw(`
    create table event_feed (
      one boolean primary key default true check (one),
      cluster text not null,
      xid_offset bigint not null
    )`);
  await knex.raw(
    'insert into event_feed (cluster, xid_offset) select system_identifier::text, 0 from pg_control_system()',
  );
  // Webhooks go on where the version before looks again: two minutes before its last look, by the time of the event.
  await knex.raw(`
    insert into event_cursors (org_id, consumer, position, event_id)
    select org_id, 'webhooks', 0, (left(time, 8) || '-' || right(time, 4) || '-7000-8000-000000000000')::uuid
    from (
      select org_id,
        lpad(to_hex((extract(epoch from min(seen_to) - interval '2 minutes') * 1000)::bigint), 12, '0') as time
      from webhooks where disabled_at is null group by org_id
    ) as looked`);
  await knex.raw('alter table webhooks alter column seen_to set default now()');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table webhooks alter column seen_to drop default');
  for (const table of ['event_cursors', 'event_feed']) await knex.raw(`drop table ${table}`);
}
