import type { Knex } from 'knex';

/**
 * Where the audit trail is sent as it happens: syslog over TLS. How far a stream has come is its cursor in
 * `event_cursors` (consumer `stream:` and its id); the columns here are what administrators are shown of it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table audit_streams (
      org_id uuid not null,
      id uuid not null,
      name text not null,
      host text not null,
      port integer not null constraint audit_streams__port check (port between 1 and 65535),
      format text not null constraint audit_streams__format check (format in ('json', 'ocsf')),
      ca text,
      client_certificate text,
      sealed_client_key text,
      disabled_at timestamptz,
      delivered_event uuid,
      delivered_event_at timestamptz,
      delivered_at timestamptz,
      failed_at timestamptz,
      last_error text,
      failures integer not null default 0,
      retry_at timestamptz,
      created_at timestamptz not null,
      constraint audit_streams__id primary key (org_id, id)
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`delete from jobs where kind in ('send_audit_stream', 'send_failing_audit_stream')`);
  await knex.raw(`delete from event_cursors where consumer like 'stream:%'`);
  await knex.raw('drop table audit_streams');
}
