import type { Knex } from 'knex';

/**
 * Where events are sent (Standard Webhooks 1.0). Secrets are sealed; two count while one replaces the other. Of the
 * events after `since` those up to `seen_to` have become deliveries; `failed_at` is the last failure, null after a
 * success.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table webhooks (
      org_id uuid not null,
      id uuid not null,
      url text not null,
      events text[] not null,
      sealed_secret text not null,
      sealed_previous text,
      previous_until timestamptz,
      since timestamptz not null,
      seen_to timestamptz not null,
      failed_at timestamptz,
      disabled_at timestamptz,
      disabled_reason text,
      created_at timestamptz not null,
      constraint webhooks__id primary key (org_id, id)
    )`);
  await knex.raw(`
    create table webhook_deliveries (
      org_id uuid not null,
      webhook_id uuid not null,
      event_id uuid not null,
      type text not null,
      event_at timestamptz not null,
      state text not null
        constraint webhook_deliveries__state check (state in ('waiting', 'delivered', 'failed')),
      attempts integer not null default 0,
      due_at timestamptz not null,
      leased_until timestamptz,
      attempted_at timestamptz,
      last_status integer,
      last_error text,
      delivered_at timestamptz,
      constraint webhook_deliveries__id primary key (org_id, webhook_id, event_id),
      constraint webhook_deliveries__webhook foreign key (org_id, webhook_id)
        references webhooks (org_id, id) on delete cascade
    )`);
  await knex.raw(
    "create index webhook_deliveries__due_at on webhook_deliveries (org_id, webhook_id, due_at) where state = 'waiting'",
  );
  await knex.raw('create index webhook_deliveries__event_at on webhook_deliveries (event_at)');
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['webhook_deliveries', 'webhooks']) await knex.raw(`drop table ${table}`);
}
