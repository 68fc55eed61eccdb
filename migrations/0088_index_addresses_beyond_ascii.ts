import type { Knex } from 'knex';

export const config = { transaction: false };

/**
 * Keys of addresses are composed (NFC), the documents that filters ask are as they were sent: a part of an address beyond
 * ASCII may be in one and not in the other. A search for a part of the keys adds these few users.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('drop index concurrently if exists user_email_keys__beyond_ascii');
  await knex.raw(`create index concurrently user_email_keys__beyond_ascii on user_email_keys (org_id, user_id)
    where octet_length(email_key) <> char_length(email_key)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index concurrently user_email_keys__beyond_ascii');
}
