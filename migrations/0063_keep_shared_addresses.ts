import type { Knex } from 'knex';

/**
 * A user whose e-mail address another user signs in with has no `email_key`, which is unique, but the same key here:
 * it is no sign-in address, and waits until it is free. A column without a default takes no time on a large table.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table users add column shared_email_key text collate "C"');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table users drop column shared_email_key');
}
