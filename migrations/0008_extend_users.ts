import type { Knex } from 'knex';

/**
 * What signing in needs to know of a user. That sessions or keys have ended is derived: one that began before
 * `sessions_from` or was enabled before `keys_from` no longer counts, so deactivating a user writes one row.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table users
      add column last_login_at timestamptz,
      add column last_active_at timestamptz,
      add column failed_logins integer not null default 0,
      add column locked_at timestamptz,
      add column sessions_from timestamptz,
      add column keys_from timestamptz,
      add constraint users__owner check (not owner or role = 'admin')`);
  // What the list of users is filtered by; the id behind it, so that a page continues where the last one ended.
  await knex.raw('create index users__role on users (org_id, role, id)');
  await knex.raw('create index users__status on users (org_id, status, id)');
  await knex.raw(
    'create index users__last_login_at on users (org_id, last_login_at desc nulls last, id desc)',
  );
  await knex.raw('create index users__locked on users (org_id, id) where locked_at is not null');
  // The last word of a name, since users look for a family name first.
  await knex.raw(
    `create index users__last_word on users (org_id, (split_part(display_name_key, ' ', -1)) collate "C")`,
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(
    'drop index users__role, users__status, users__last_login_at, users__locked, users__last_word',
  );
  await knex.raw(`
    alter table users drop constraint users__owner, drop column last_login_at, drop column last_active_at,
      drop column failed_logins, drop column locked_at, drop column sessions_from, drop column keys_from`);
}
