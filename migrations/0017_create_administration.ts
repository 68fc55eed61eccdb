import type { Knex } from 'knex';

/** Settings, templates, checklists, exports, and the answers that a repeated request gets again. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`alter table organizations
    add column settings jsonb not null default '{}', add column settings_version bigint not null default 1`);
  await knex.raw(`
    create table job_functions (
      org_id uuid not null,
      id uuid not null,
      name text not null,
      role text not null constraint job_functions__role check (role in ('readonly', 'train', 'configure', 'admin')),
      group_ids uuid[] not null default '{}',
      position integer not null,
      constraint job_functions__id primary key (org_id, id)
    )`);
  await knex.raw(`
    create table checklist_items (
      org_id uuid not null,
      user_id uuid not null,
      item text not null,
      done_at timestamptz not null,
      done_by uuid not null,
      constraint checklist_items__id primary key (org_id, user_id, item),
      constraint checklist_items__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw(`
    create table exports (
      org_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      requested_by uuid not null,
      state text not null constraint exports__state check (state in ('running', 'done')),
      file bytea,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      constraint exports__id primary key (org_id, id),
      constraint exports__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw(`
    create table idempotency_keys (
      org_id uuid not null,
      actor_id uuid not null,
      key text not null,
      request_hash bytea not null,
      status integer,
      sealed_answer text,
      created_at timestamptz not null,
      constraint idempotency_keys__id primary key (org_id, actor_id, key)
    )`);
  await knex.raw('create index idempotency_keys__created_at on idempotency_keys (created_at)');
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['idempotency_keys', 'exports', 'checklist_items', 'job_functions']) {
    await knex.raw(`drop table ${table}`);
  }
  await knex.raw('alter table organizations drop column settings, drop column settings_version');
}
