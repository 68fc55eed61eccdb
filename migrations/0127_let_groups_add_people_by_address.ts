import type { Knex } from 'knex';

/** Each table is locked by itself, and briefly, which takes no transaction around it. */
export const config = { transaction: false };

const groupState = (more: string) =>
  `jsonb_build_object('name', new.display_name, 'description', new.description, 'role', new.role,
              'source', new.source, 'createdAt', new.created_at${more})`;

const recordGroups = (more: string) => `
  create or replace function record_group_history() returns trigger language plpgsql as $$
  begin
    if tg_op = 'DELETE' then
      insert into history (org_id, at, kind, group_id) values (old.org_id, history_time(), 'group', old.id);
    else
      insert into history (org_id, at, kind, group_id, state)
        values (new.org_id, new.updated_at, 'group', new.id, ${groupState(more)});
    end if;
    return null;
  end $$`;

const watchGroups = (columns: readonly string[]) => `
  create or replace trigger groups__history_of_changes after update of ${columns.join(', ')} on groups for each row
    when (${columns.map((column) => `old.${column} is distinct from new.${column}`).join(' or ')})
    execute function record_group_history()`;

const WATCHED = ['display_name', 'description', 'role', 'source'];

/**
 * A group may have a pattern of sign-in addresses: who has such an address is a member by the source `pattern` (ADR 0058).
 * `group_settlements` has a row for each group whose members do not follow its pattern yet, and how far the job is. History
 * holds the pattern.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table groups add column if not exists auto_assign_pattern text collate "C"');
  await knex.raw(`
    create table if not exists group_settlements (
      org_id uuid not null,
      group_id uuid not null,
      phase text not null constraint group_settlements__phase check (phase in ('leave', 'join')),
      after_key text collate "C" not null,
      done bigint not null default 0,
      total bigint not null default 0,
      previous text,
      constraint group_settlements__id primary key (org_id, group_id),
      constraint group_settlements__group foreign key (org_id, group_id) references groups (org_id, id) on delete cascade
    )`);
  await knex.raw('alter table jobs add column if not exists progress smallint');
  await knex.raw(recordGroups(", 'autoAssignPattern', new.auto_assign_pattern"));
  await knex.raw(watchGroups([...WATCHED, 'auto_assign_pattern']));
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(watchGroups(WATCHED));
  await knex.raw(recordGroups(''));
  await knex.raw('alter table jobs drop column progress');
  await knex.raw('drop table group_settlements');
  await knex.raw('alter table groups drop column auto_assign_pattern');
}
