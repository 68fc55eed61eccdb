import type { Knex } from 'knex';

/**
 * An elevation ends with the account that has it, and activation does not bring it back. That is derived, so
 * deactivating writes the one row that it writes anyway: an account counts its deactivations, and an elevation
 * remembers how many there were when it began. Counted and not timed, since the clocks of two hosts differ.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table users add column deactivations integer not null default 0');
  await knex.raw('alter table elevations add column deactivations integer not null default 0');
  await knex.raw(`
    update users u set deactivations = 1
    where (u.status = 'inactive' or u.deleted_at is not null)
      and exists (select from elevations e where e.org_id = u.org_id and e.user_id = u.id and e.state = 'active')`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table elevations drop column deactivations');
  await knex.raw('alter table users drop column deactivations');
}
