import type { Knex } from 'knex';

/** Built beside the writers, which takes no transaction around it. */
export const config = { transaction: false };

/**
 * The terms of a user's profile, by which filters find it (ADR 0039). They are null where they are not known: for users of
 * before, until a job has computed them, and for what an older version of the server writes. That and the deletion
 * of a user are noticed by triggers, for every writer; `terms_version` is the user's version that the terms belong to.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    'alter table user_search add column if not exists terms bigint[], add column if not exists terms_version bigint',
  );
  await knex.raw(`
    create or replace function index_user_for_search() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' then
        insert into user_search (org_id, user_id, text) values (new.org_id, new.id, '') on conflict do nothing;
      else
        update user_search set terms = case when new.deleted_at is not null then '{}'::bigint[] end
        where org_id = new.org_id and user_id = new.id
          and (new.deleted_at is not null or terms_version is distinct from new.version);
      end if;
      return null;
    end $$`);
  await knex.raw(`create or replace trigger users__indexed after insert on users
    for each row execute function index_user_for_search()`);
  await knex.raw(`create or replace trigger users__indexed_again after update of profile, deleted_at on users
    for each row when (old.profile is distinct from new.profile or old.deleted_at is distinct from new.deleted_at)
    execute function index_user_for_search()`);
  await addMissing(knex);
  // The drops are for what an interrupted run leaves.
  await knex.raw('drop index concurrently if exists user_search__terms');
  // What is pending is read by each lookup: it is kept to a few pages.
  await knex.raw(
    'create index concurrently user_search__terms on user_search using gin (terms) with (gin_pending_list_limit = 256)',
  );
  await knex.raw('drop index concurrently if exists user_search__unindexed');
  await knex.raw(
    'create index concurrently user_search__unindexed on user_search (org_id, user_id) where terms is null',
  );
}

/** In batches, since each holds the keys of its users: a deletion waits for one at most. */
async function addMissing(knex: Knex): Promise<void> {
  let after = ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'];
  for (;;) {
    const { rows } = await knex.raw<{ rows: { org_id: string; id: string }[] }>(
      `with batch as (
        select org_id, id, concat_ws(E'\\n', user_name_key, nullif(coalesce(email_key, shared_email_key), user_name_key),
          coalesce(display_name_key, name_from_parts_key)) as text
        from users where (org_id, id) > (?::uuid, ?::uuid) order by org_id, id limit 10000
      ), filled as (
        insert into user_search (org_id, user_id, text) select org_id, id, text from batch on conflict do nothing
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
  await knex.raw('drop trigger users__indexed_again on users');
  await knex.raw('drop trigger users__indexed on users');
  await knex.raw('drop function index_user_for_search');
  await knex.raw('drop index concurrently user_search__terms');
  await knex.raw('drop index concurrently user_search__unindexed');
  await knex.raw('alter table user_search drop column terms, drop column terms_version');
}
