import type { Knex } from 'knex';

/** Who has not been seen for long (R127): the latest sign of a user, whichever it was. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    'create index users__last_seen on users (org_id, (greatest(last_active_at, last_login_at, created_at)), id)',
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index users__last_seen');
}
