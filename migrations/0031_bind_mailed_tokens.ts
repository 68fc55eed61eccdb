import type { Knex } from 'knex';

/**
 * A mailed link is valid for the address that it was mailed to: a copy of the address's key, made with the token. Links
 * that wait belong to the address that their user has now.
 */
export async function up(knex: Knex): Promise<void> {
  for (const table of ['invitations', 'password_resets', 'identity_confirmations']) {
    await knex.raw(`alter table ${table} add column email_key text`);
  }
  await knex.raw(`
    update invitations i set email_key = coalesce(u.email_key, u.user_name_key) from users u
    where u.org_id = i.org_id and u.id = i.user_id and i.accepted_at is null and i.revoked_at is null`);
  for (const table of ['password_resets', 'identity_confirmations']) {
    await knex.raw(`
      update ${table} t set email_key = coalesce(u.email_key, u.user_name_key) from users u
      where u.org_id = t.org_id and u.id = t.user_id and t.used_at is null`);
  }
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['invitations', 'password_resets', 'identity_confirmations']) {
    await knex.raw(`alter table ${table} drop column email_key`);
  }
}
