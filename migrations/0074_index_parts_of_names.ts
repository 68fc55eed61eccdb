import type { Knex } from 'knex';

/** Built beside the writers, which takes no transaction around it. */
export const config = { transaction: false };

/**
 * Users are searched by any part of a name or address. The index holds a hash of every three characters in a row,
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
  await fill(knex);
}

/** In batches, since each holds the keys of its users: a deletion waits for one at most. */
async function fill(knex: Knex): Promise<void> {
  let after = ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'];
  for (;;) {
    const { rows } = await knex.raw<{ rows: { org_id: string; id: string }[] }>(
      `with batch as (
        select org_id, id, concat_ws(E'\\n', user_name_key,
          nullif(coalesce(email_key, shared_email_key), user_name_key), display_name_key) as text, deleted_at
        from users where (org_id, id) > (?::uuid, ?::uuid) order by org_id, id limit 10000
      ), filled as (
        insert into user_search (org_id, user_id, text)
        select org_id, id, text from batch where deleted_at is null on conflict do nothing
      )
      select org_id, id from batch order by org_id desc, id desc limit 1`,
      after,
    );
    const [last] = rows;
    if (last === undefined) return;
    after = [last.org_id, last.id];
  }
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table user_search');
  await knex.raw('drop function search_grams');
}
