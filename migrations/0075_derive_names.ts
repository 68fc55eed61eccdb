import type { Knex } from 'knex';

/** Built beside the writers, which takes no transaction around it. */
export const config = { transaction: false };

/**
 * Users whose directory sends the parts of a name and no displayName are called by the parts. The name is kept beside the
 * profile, which SCIM answers as it was sent; where there is a displayName, the columns are null, so that what an older
 * version of the server writes meanwhile holds.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table users add column if not exists name_from_parts text,
      add column if not exists name_from_parts_key text collate "C"`);
  await fill(knex);
  // The drops are for what an interrupted run leaves.
  await knex.raw('drop index concurrently if exists users__name');
  await knex.raw(
    'create index concurrently users__name on users (org_id, (coalesce(display_name_key, name_from_parts_key)), id)',
  );
  await knex.raw('drop index concurrently if exists users__last_word_of_name');
  await knex.raw(
    `create index concurrently users__last_word_of_name on users
      (org_id, (split_part(coalesce(display_name_key, name_from_parts_key), ' ', -1)) collate "C")`,
  );
  await knex.raw('drop index concurrently if exists users__last_word');
  // The newest index must be the primary key's (migration 0053).
  await knex.raw('drop index if exists users__id_ccnew');
  await knex.raw('reindex index concurrently users__id');
}

interface Row {
  readonly org_id: string;
  readonly id: string;
  readonly name: Readonly<Record<string, unknown>> | null;
}

/** In batches, each in its own transaction: a writer waits for one at most. */
async function fill(knex: Knex): Promise<void> {
  let after = ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'];
  for (;;) {
    const { rows } = await knex.raw<{ rows: Row[] }>(
      `select org_id, id, case when profile -> 'displayName' is null then profile -> 'name' end as name
      from users where (org_id, id) > (?::uuid, ?::uuid) order by org_id, id limit 10000`,
      after,
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    after = [last.org_id, last.id];
    const named = rows.flatMap((row) => {
      const text = nameOf(row.name);
      return text === undefined ? [] : [{ ...row, text, key: text.normalize('NFC').toLowerCase() }];
    });
    if (named.length === 0) continue;
    await knex.raw(
      `with given as (
        select * from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[]) as g (org_id, id, text, key)
      ), u as (
        update users u set name_from_parts = g.text,
          name_from_parts_key = case when u.deleted_at is null then g.key end
        from given g where u.org_id = g.org_id and u.id = g.id and u.profile -> 'displayName' is null
        returning u.org_id, u.id, u.name_from_parts_key as key
      )
      update user_search s set text = s.text || E'\\n' || u.key
      from u where s.org_id = u.org_id and s.user_id = u.id and u.key is not null
        and right(s.text, length(u.key) + 1) <> E'\\n' || u.key`,
      [
        named.map(({ org_id }) => org_id),
        named.map(({ id }) => id),
        named.map(({ text }) => text),
        named.map(({ key }) => key),
      ],
    );
  }
}

/** The same as src/directory/users/rules/display-name.ts at the time of this migration. */
function nameOf(name: Row['name']): string | undefined {
  const { formatted, givenName, familyName } = name ?? {};
  const parts = [givenName, familyName].filter((part) => typeof part === 'string').join(' ');
  return [formatted, parts]
    .flatMap((text) => (typeof text === 'string' && text.length <= 1024 ? oneLine(text) : []))
    .find((text) => text !== '' && [...text].length <= 200);
}

const MISLEADING = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const oneLine = (text: string) =>
  text.normalize('NFC').replaceAll(MISLEADING, ' ').replaceAll(/\s+/gu, ' ').trim();

export async function down(knex: Knex): Promise<void> {
  await knex.raw(
    `create index concurrently users__last_word on users (org_id, (split_part(display_name_key, ' ', -1)) collate "C")`,
  );
  await knex.raw('drop index concurrently users__last_word_of_name');
  await knex.raw('drop index concurrently users__name');
  await knex.raw('alter table users drop column name_from_parts, drop column name_from_parts_key');
}
