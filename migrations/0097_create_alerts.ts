import type { Knex } from 'knex';

/**
 * Alerts, what detectors have learned about users, and what administrators taught them. What is personal goes with the
 * user it is about.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table alerts (
      org_id uuid not null,
      id uuid not null,
      kind text not null,
      severity text not null constraint alerts__severity check (severity in ('low', 'medium', 'high')),
      state text not null constraint alerts__state check (state in ('open', 'acknowledged', 'resolved', 'false_positive')),
      dedupe_key text not null,
      exception_key text,
      user_id uuid,
      connection_id uuid,
      opened_at timestamptz not null,
      last_at timestamptz not null,
      occurrences integer not null,
      detail jsonb not null,
      note text,
      decided_by uuid,
      decided_at timestamptz,
      mailed_at timestamptz,
      constraint alerts__id primary key (org_id, id),
      constraint alerts__dedupe unique (org_id, dedupe_key),
      constraint alerts__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw('create index alerts__by_state on alerts (org_id, state, id)');
  await knex.raw('create index alerts__by_user on alerts (org_id, user_id, id)');
  await knex.raw('create index alerts__unmailed on alerts (org_id, id) where mailed_at is null');
  await knex.raw(`
    create table known_networks (
      org_id uuid not null,
      user_id uuid not null,
      network text not null,
      device text not null,
      first_at timestamptz not null,
      last_at timestamptz not null,
      sign_ins integer not null,
      constraint known_networks__id primary key (org_id, user_id, network, device),
      constraint known_networks__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw('create index known_networks__by_network on known_networks (org_id, network, last_at)');
  await knex.raw(`
    create table alert_exceptions (
      org_id uuid not null,
      kind text not null,
      subject_id uuid not null,
      key text not null,
      created_by uuid not null,
      created_at timestamptz not null,
      constraint alert_exceptions__id primary key (org_id, kind, subject_id, key)
    )`);
  await knex.raw(`
    create table alert_rules (
      org_id uuid not null,
      kind text not null,
      settings jsonb not null,
      constraint alert_rules__id primary key (org_id, kind)
    )`);
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['alert_rules', 'alert_exceptions', 'known_networks', 'alerts']) {
    await knex.raw(`drop table ${table}`);
  }
}
