import type { GroupId, OrgId, UserId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

/** Whose working hours they are. */
export type HoursOf = { readonly user: UserId } | { readonly group: GroupId };

const idOf = (of: HoursOf): string => ('user' in of ? of.user : of.group);

const one: Statement = {
  name: 'working-hours',
  text: 'select settings from working_hours where org_id = $1 and subject_id = $2',
};

/** What is stored of a user or a group; undefined if they have none of their own. */
export async function findStoredHours(db: Executor, org: OrgId, of: HoursOf): Promise<unknown> {
  return (await db.query<{ settings: unknown }>(one, [org, idOf(of)]))[0]?.settings;
}

const save: Statement = {
  name: 'working-hours-save',
  text: `insert into working_hours (org_id, subject_id, user_id, group_id, settings)
    values ($1, coalesce($2::uuid, $3::uuid), $2, $3, $4::jsonb)
    on conflict (org_id, subject_id) do update set settings = excluded.settings`,
};

export async function writeHours(tx: Executor, org: OrgId, of: HoursOf, settings: object): Promise<void> {
  const [user, group] = 'user' in of ? [of.user, null] : [null, of.group];
  await tx.query(save, [org, user, group, JSON.stringify(settings)]);
}

const remove: Statement = {
  name: 'working-hours-remove',
  text: 'delete from working_hours where org_id = $1 and subject_id = $2 returning true as removed',
};

/** @returns whether there were any */
export async function removeHours(tx: Executor, org: OrgId, of: HoursOf): Promise<boolean> {
  return (await tx.query(remove, [org, idOf(of)])).length > 0;
}

const ofUsers: Statement = {
  name: 'working-hours-of-users',
  text: `select user_id as user, true as own, settings from working_hours
      where org_id = $1 and user_id = any($2::uuid[])
    union all
    select m.user_id, false, w.settings from working_hours w
      join group_members m on m.org_id = w.org_id and m.group_id = w.group_id
      where w.org_id = $1 and w.group_id is not null and m.user_id = any($2::uuid[])`,
};

/** The working hours of users, and of the groups that they are in. */
export function findHoursOfUsers(
  tx: Executor,
  org: OrgId,
  users: readonly string[],
): Promise<{ readonly user: string; readonly own: boolean; readonly settings: unknown }[]> {
  return tx.query(ofUsers, [org, users]);
}
