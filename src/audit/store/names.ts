import type { OrgId } from '../../directory/ids.ts';
import { displayNameOf } from '../../directory/store/fragments.ts';
import type { Database } from '../../platform/db/database.ts';

/** What something that an event names is called today. */
export interface PartyName {
  readonly id: string;
  /** `user` for users, also deleted ones; what was erased has no row. */
  readonly type: string;
  readonly name: string | null;
  /** Of users only. */
  readonly email: string | null;
}

/** Tables whose rows events name: their ids and what a person would call them. */
const named = [
  [
    'user',
    `select id, ${displayNameOf('u')} as name, coalesce(u.email, u.user_name) as email from users u`,
    'id',
  ],
  ['group', 'select id, display_name, null from groups', 'id'],
  ['connection', 'select id, name, null from connections', 'id'],
  ['service_account', 'select id, name, null from service_accounts', 'id'],
  ['api_key', 'select id, name, null from api_keys', 'id'],
  ['set_up_link', 'select id, label, null from set_up_links', 'id'],
  ['resource', 'select id, name, null from resources', 'id'],
  ['job_function', 'select id, name, null from job_functions', 'id'],
  ['webhook', 'select id, url, null from webhooks', 'id'],
  ['import', 'select id, file_name, null from imports', 'id'],
  ['review', 'select id, title, null from reviews', 'id'],
  ['organization', 'select id, name, null from organizations', ''],
] as const;

const text = named
  .map(([type, select, key]) => {
    const where = key === '' ? 'id = $1 and id = any($2::uuid[])' : 'org_id = $1 and id = any($2::uuid[])';
    return `select '${type}' as type, n.* from (${select} where ${where}) as n (id, name, email)`;
  })
  .join(' union all ');

/** The names of what events name, read at the moment: the name of an erased user is gone. @param ids UUIDs */
export async function findNames(
  db: Database,
  org: OrgId,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PartyName>> {
  if (ids.length === 0) return new Map();
  const rows = await db.search<PartyName>(text, [org, ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

const MOST_NAMED = 100;

/**
 * Ids of groups, connections and service accounts whose name has a text; users are found by the directory.
 * @param like a pattern of `like`, in lower case
 */
export async function findIdsByName(db: Database, org: OrgId, like: string): Promise<readonly string[]> {
  const rows = await db.search<{ id: string }>(
    `select id from groups where org_id = $1 and display_name_key like $2
      union all select id from connections where org_id = $1 and lower(name) like $2
      union all select id from service_accounts where org_id = $1 and lower(name) like $2
      limit ${MOST_NAMED}`,
    [org, like],
  );
  return rows.map(({ id }) => id);
}

/** The ids under which users act: their own and those of their API keys. */
export async function findActingIds(
  db: Database,
  org: OrgId,
  ids: readonly string[],
): Promise<readonly string[]> {
  const rows = await db.search<{ id: string }>(
    'select id from api_keys where org_id = $1 and user_id = any($2::uuid[])',
    [org, ids],
  );
  return [...ids, ...rows.map(({ id }) => id)];
}
