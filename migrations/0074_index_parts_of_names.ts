import type { Knex } from 'knex';

/** Built beside the writers, which takes no transaction around it. */
export const config = { transaction: false };

/**
 * People are searched by any part of a name or address. The index holds a hash of every three characters in a row,
 * mixed with the organization, so that one organization's names make no other's search longer; it needs no extension.
 * A table of its own, since otherwise every sign-in and every change of a status would write all of the hashes again.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create or replace function search_grams(org uuid, text text) returns integer[]
    language sql immutable parallel safe as $$
      select coalesce(array_agg(distinct
        (hashtextextended(substr(text, i, 3), 0) # hashtextextended(org::text, 1))::bit(32)::integer), '{}')
      from generate_series(1, length(text) - 2) as i
    $$`);
  await knex.raw(`
    create table if not exists user_search (
      org_id uuid not null,
      user_id uuid not null,
      text text not null,
      constraint user_search__id primary key (org_id, user_id),
      constraint user_search__user foreign key (org_id, user_id) references users (org_id, id) on delete cascade
    )`);
  await knex.raw(
    'create index if not exists user_search__grams on user_search using gin (search_grams(org_id, text))',
  );
  await knex.raw(`
    insert into user_search (org_id, user_id, text)
    select org_id, id, concat_ws(E'\\n', user_name_key, nullif(email_key, user_name_key), display_name_key)
    from users where deleted_at is null on conflict do nothing`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table user_search');
  await knex.raw('drop function search_grams');
}
