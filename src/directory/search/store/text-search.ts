import type { Database } from '../../../platform/db/database.ts';
import type { OrgId, UserId } from '../../ids.ts';
import { caseKey } from '../../rules/comparison-keys.ts';
import { displayNameKeyOf } from '../../store/fragments.ts';

/** What a user is searched by; columns that `u` must return for `indexForSearch`. */
export const searchColumns = `version, concat_ws(E'\\n', user_name_key, nullif(coalesce(email_key, shared_email_key), user_name_key),
      coalesce(display_name_key, name_from_parts_key)) as search_text`;

/**
 * Keeps what the users of the common table `u` are searched by.
 * @param org the parameter of the organization
 * @param terms the parameter of the terms of the document; null if it stays as it is
 */
export const indexForSearch = (
  org: string,
  terms: string,
) => `insert into user_search as known (org_id, user_id, text, terms, terms_version)
      select ${org}, u.id, u.search_text, ${terms}::bigint[], u.version from u
      on conflict (org_id, user_id) do update set text = excluded.text, terms = coalesce(excluded.terms, known.terms),
        terms_version = case when excluded.terms is null then known.terms_version else excluded.terms_version end
      where known.text <> excluded.text or excluded.terms is not null`;

/** Characters that an index of three in a row needs. */
const SHORTEST = 3;
/** Beyond so many hits, a page in any order is full soon, and the hits need not be known first. */
const MOST_HITS = 1_000;

/** A pattern of `like`. */
export const pattern = (text: string, before: '' | '%') =>
  `${before}${caseKey(text).replaceAll(/[\\%_]/g, '\\$&')}%`;

/** Whose name or address begins so, or the last word of whose name does: each arm is the beginning of an index. */
export const beginsWith = (like: string) => `(u.email_key like ${like} or u.user_name_key like ${like}
      or ${displayNameKeyOf('u')} like ${like} or (split_part(${displayNameKeyOf('u')}, ' ', -1)) collate "C" like ${like})`;

/** Asked of the one row. */
export const contains = (like: string) =>
  `(u.email_key like ${like} or u.user_name_key like ${like} or ${displayNameKeyOf('u')} like ${like})`;

/** What a text matches: these users, any whose names hold it (there are many), or, too short, any that begin with it. */
export type TextHits = readonly UserId[] | 'many' | 'too short';

/**
 * Finds users with a text in their name or address. Rows written by an older version are found by prefix only.
 * Planned for its values.
 */
export async function findTextHits(db: Database, org: OrgId, text: string): Promise<TextHits> {
  if ([...caseKey(text)].length < SHORTEST) return 'too short';
  const rows = await db.search<{ id: UserId }>(
    `(select s.user_id as id from user_search s
        where s.org_id = $1 and search_grams(s.org_id, s.text) @> search_grams($1::uuid, $2) and s.text like $3
        limit ${MOST_HITS + 1})
      union
      (select u.id from users u where u.org_id = $1 and u.deleted_at is null and ${beginsWith('$4')}
        limit ${MOST_HITS + 1})`,
    [org, caseKey(text), pattern(text, '%'), pattern(text, '')],
  );
  return rows.length > MOST_HITS ? 'many' : rows.map(({ id }) => id);
}
