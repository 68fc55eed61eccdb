import type { Knex } from 'knex';

/**
 * What undoing a batch needs and neither events nor history hold (ADR 0042): the profiles that connections replaced,
 * which go with their user; of deleted groups the attributes, links and version; and the undos themselves, whose items
 * name everything by id.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table previous_profiles (
      org_id uuid not null,
      user_id uuid not null,
      at timestamptz not null,
      user_name text not null,
      profile jsonb not null,
      links jsonb,
      constraint previous_profiles__id primary key (org_id, user_id, at),
      constraint previous_profiles__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw('create index previous_profiles__at on previous_profiles (at)');
  await knex.raw(`
    create table deleted_groups (
      org_id uuid not null,
      group_id uuid not null,
      at timestamptz not null,
      version bigint not null,
      profile jsonb not null,
      links jsonb not null,
      constraint deleted_groups__id primary key (org_id, group_id, at)
    )`);
  await knex.raw('create index deleted_groups__at on deleted_groups (at)');
  await knex.raw(`
    create table undos (
      org_id uuid not null,
      id uuid not null,
      batch jsonb not null,
      state text not null constraint undos__state check (state in ('preview', 'running', 'done')),
      token text not null,
      request_id text,
      reason text,
      keys boolean not null default true,
      created_by uuid not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      confirmed_by jsonb,
      confirmed_at timestamptz,
      finished_at timestamptz,
      constraint undos__id primary key (org_id, id)
    )`);
  await knex.raw("create index undos__running on undos (org_id) where state = 'running'");
  await knex.raw(`
    create table undo_items (
      org_id uuid not null,
      undo_id uuid not null,
      number integer not null,
      kind text not null,
      user_id uuid,
      group_id uuid,
      item jsonb not null,
      result text not null constraint undo_items__result check (result in ('undo', 'skip', 'failed')),
      code text,
      message text,
      done_at timestamptz,
      constraint undo_items__id primary key (org_id, undo_id, number),
      constraint undo_items__undo foreign key (org_id, undo_id) references undos (org_id, id) on delete cascade
    )`);
  await knex.raw(
    'create index undo_items__open on undo_items (org_id, undo_id, number) where done_at is null',
  );
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['undo_items', 'undos', 'deleted_groups', 'previous_profiles']) {
    await knex.raw(`drop table ${table}`);
  }
}
