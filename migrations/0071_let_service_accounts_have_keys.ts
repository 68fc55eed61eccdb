import type { Knex } from 'knex';

/** An API key belongs to a user or to a service account. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table api_keys
      alter column user_id drop not null,
      add column service_account_id uuid,
      add constraint api_keys__service_account foreign key (org_id, service_account_id)
        references service_accounts (org_id, id) on delete cascade,
      add constraint api_keys__holder check (num_nonnulls(user_id, service_account_id) = 1)`);
  await knex.raw(`
    create index api_keys__service_account_id on api_keys (org_id, service_account_id)
      where service_account_id is not null`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('delete from api_keys where service_account_id is not null');
  await knex.raw(`
    alter table api_keys drop constraint api_keys__holder, drop column service_account_id,
      alter column user_id set not null`);
}
