import type { Knex } from 'knex';

/** Working hours of a user or a group, where they differ from the organization's (R114). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table working_hours (
      org_id uuid not null,
      subject_id uuid not null,
      user_id uuid,
      group_id uuid,
      settings jsonb not null,
      constraint working_hours__id primary key (org_id, subject_id),
      constraint working_hours__subject check (subject_id = coalesce(user_id, group_id) and num_nonnulls(user_id, group_id) = 1),
      constraint working_hours__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade,
      constraint working_hours__group foreign key (org_id, group_id) references groups (org_id, id) on delete cascade
    )`);
  for (const column of ['user_id', 'group_id']) {
    await knex.raw(
      `create index working_hours__${column} on working_hours (org_id, ${column}) where ${column} is not null`,
    );
  }
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table working_hours');
}
