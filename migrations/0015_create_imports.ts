import type { Knex } from 'knex';

/**
 * An import keeps each row as it was in the file, and what became of it, so that one that was cut off continues with
 * the next row. What it needs once no one waits for it is kept as well: who confirmed it, and where links lead.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table imports (
      org_id uuid not null,
      id uuid not null,
      file_name text not null,
      file_hash bytea not null,
      header jsonb not null,
      on_duplicate text not null constraint imports__on_duplicate check (on_duplicate in ('skip', 'update_role')),
      state text not null constraint imports__state check (state in ('preview', 'running', 'done')),
      created_by uuid not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      confirmed_at timestamptz,
      confirmed_by jsonb,
      public_url text,
      finished_at timestamptz,
      constraint imports__id primary key (org_id, id),
      constraint imports__confirmed check (state = 'preview' or (confirmed_by is not null and public_url is not null))
    )`);
  await knex.raw(`
    create table import_rows (
      org_id uuid not null,
      import_id uuid not null,
      row_number integer not null,
      cells jsonb not null,
      result text not null
        constraint import_rows__result check (result in ('add', 'update', 'skip', 'error')),
      message text,
      note text,
      user_id uuid,
      done_at timestamptz,
      constraint import_rows__id primary key (org_id, import_id, row_number),
      constraint import_rows__import foreign key (org_id, import_id) references imports (org_id, id) on delete cascade
    )`);
  await knex.raw('create index import_rows__user_id on import_rows (org_id, user_id)');
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['import_rows', 'imports']) await knex.raw(`drop table ${table}`);
}
