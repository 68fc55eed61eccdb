import type { Knex } from 'knex';

/**
 * Deliveries are sent by jobs, one for each webhook: `sending_by` is the lease of the job that sends a
 * delivery. `leased_until` stays for the version before, which still writes it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table webhook_deliveries add column sending_by text');
  await knex.raw(`
    insert into jobs (id, org_id, kind, payload, subject_id, due_at, created_at)
    select gen_random_uuid(), org_id, 'deliver_webhook', jsonb_build_object('org', org_id, 'webhook', webhook_id),
      webhook_id, min(due_at), now()
    from webhook_deliveries where state = 'waiting' group by org_id, webhook_id`);
  await knex.raw(
    `delete from jobs where kind in ('deliver_webhooks', 'sweep') and every_seconds is not null`,
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`delete from jobs where kind in ('deliver_webhook', 'deliver_failing_webhook')`);
  await knex.raw('alter table webhook_deliveries drop column sending_by');
}
