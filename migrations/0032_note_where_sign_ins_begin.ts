import type { Knex } from 'knex';

/** Whether a page of another site sent the browser here: then the user is notified who they are now. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table sso_requests add column from_elsewhere boolean not null default false');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table sso_requests drop column from_elsewhere');
}
