import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { OrgId, UserId } from '../ids.ts';
import { type RightsRow, rightsOfUser } from '../users/store/rows.ts';
import type { Rights } from './authority.ts';

const byId: Statement = {
  name: 'rights-by-id',
  text: `select ${rightsOfUser.columns('$3')} from users u where u.org_id = $1 and u.id = $2 and u.deleted_at is null`,
};

/** What a user may do at a time; undefined if there is no such user. @param now ISO 8601 */
export async function findRights(
  db: Executor,
  org: OrgId,
  user: UserId,
  now: string,
): Promise<Rights | undefined> {
  const [row] = await db.query<RightsRow>(byId, [org, user, now]);
  return row === undefined ? undefined : rightsOfUser.toUser(row);
}

const byIds: Statement = {
  name: 'rights-by-ids',
  text: `select ${rightsOfUser.columns('$3')} from users u
    where u.org_id = $1 and u.id = any($2::uuid[]) and u.deleted_at is null`,
};

/** The same of several users, in no order; those who are not there are left out. @param now ISO 8601 */
export async function findRightsOf(
  db: Executor,
  org: OrgId,
  users: readonly UserId[],
  now: string,
): Promise<Rights[]> {
  return (await db.query<RightsRow>(byIds, [org, users, now])).map(rightsOfUser.toUser);
}
