import type { Knex } from 'knex';

/** What an administrator tells SCIM tokens apart by; of the token itself nothing but its last characters. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table scim_tokens add column last4 text, add column issued_by uuid');
  await knex.raw('create index scim_tokens__connection_id on scim_tokens (org_id, connection_id, id)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index scim_tokens__connection_id');
  await knex.raw('alter table scim_tokens drop column last4, drop column issued_by');
}
