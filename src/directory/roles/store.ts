import type { Executor, Statement } from '../../platform/db/statement.ts';
import type { GroupId, OrgId, UserId } from '../ids.ts';
import type { Role, UserStatus } from '../users/user.ts';
import type { ActiveElevation, Rights, RoleMembership } from './authority.ts';

/** Whether the elevation `e` began after the user `u` was last deactivated or deleted: only then is it in force. */
export const ofThisActivation = 'e.deactivations = u.deactivations';

/**
 * The columns of Rights; `u` is users. Whether an elevation has ended is computed here from the clock (docs/roles.md §5).
 * @param now the parameter that holds the time
 */
export const rightsColumns = (now: string) => `u.id, u.status, u.role, u.owner,
  (select json_agg(json_build_array(g.id, g.display_name, m.in_group_role, g.role))::text
     from group_members m join groups g on g.org_id = m.org_id and g.id = m.group_id
    where m.org_id = u.org_id and m.user_id = u.id) as group_roles,
  (select json_agg(json_build_array(e.id, e.role, e.expires_at))::text from elevations e
    where e.org_id = u.org_id and e.user_id = u.id and e.state = 'active'
      and e.starts_at <= ${now}::timestamptz and e.expires_at > ${now}::timestamptz
      and ${ofThisActivation}) as elevations`;

export interface RightsRow {
  readonly id: UserId;
  readonly status: UserStatus;
  readonly role: Role;
  readonly owner: boolean;
  readonly group_roles: string | null;
  readonly elevations: string | null;
}

export function toRights(row: RightsRow): Rights {
  return {
    id: row.id,
    status: row.status,
    role: row.role,
    owner: row.owner,
    groupRoles: parseRoleMemberships(row.group_roles),
    elevations: parseElevations(row.elevations),
  };
}

function parseRoleMemberships(text: string | null): RoleMembership[] {
  const rows = JSON.parse(text ?? '[]') as [GroupId, string, RoleMembership['inGroupRole'], Role | null][];
  return rows.map(([group, name, inGroupRole, role]) => ({
    group,
    name,
    inGroupRole,
    role: role ?? undefined,
  }));
}

function parseElevations(text: string | null): ActiveElevation[] {
  const rows = JSON.parse(text ?? '[]') as [string, Role, string][];
  return rows.map(([id, role, expiresAt]) => ({
    id,
    role,
    expiresAt: new Date(expiresAt).toISOString(),
  }));
}

const byId: Statement = {
  name: 'rights-by-id',
  text: `select ${rightsColumns('$3')} from users u where u.org_id = $1 and u.id = $2 and u.deleted_at is null`,
};

/** What a user may do at a time; undefined if there is no such user. @param now ISO 8601 */
export async function findRights(
  db: Executor,
  org: OrgId,
  user: UserId,
  now: string,
): Promise<Rights | undefined> {
  const [row] = await db.query<RightsRow>(byId, [org, user, now]);
  return row === undefined ? undefined : toRights(row);
}

const byIds: Statement = {
  name: 'rights-by-ids',
  text: `select ${rightsColumns('$3')} from users u
    where u.org_id = $1 and u.id = any($2::uuid[]) and u.deleted_at is null`,
};

/** The same of several users, in no order; those who are not there are left out. @param now ISO 8601 */
export async function findRightsOf(
  db: Executor,
  org: OrgId,
  users: readonly UserId[],
  now: string,
): Promise<Rights[]> {
  return (await db.query<RightsRow>(byIds, [org, users, now])).map(toRights);
}
