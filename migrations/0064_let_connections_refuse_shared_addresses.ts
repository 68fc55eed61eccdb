import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table connections add column unique_emails boolean not null default false');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table connections drop column unique_emails');
}
