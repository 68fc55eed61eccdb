import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { GroupId, OrgId } from '../../ids.ts';
import { ROLES } from '../../roles/rules/roles.ts';
import { ofThisActivation } from '../../store/fragments.ts';
import { userReferenceOf } from '../../store/references.ts';
import type { Reference } from '../../users/reference.ts';
import type { Role } from '../../users/user.ts';

/** How many members of a group go from one effective role to another. */
export interface EffectCount {
  readonly before: Role;
  readonly after: Role;
  readonly users: number;
  /** Some of them, by name. */
  readonly people: readonly Reference[];
}

const rank = (role: string) => `coalesce(array_position(array['${ROLES.join("','")}'], ${role}), 0)`;

/** `$3` and `$4` are the group's role before and after; null gives nothing. */
const effects: Statement = {
  name: 'group-role-effects',
  text: `with members as (
      select u.id, ${userReferenceOf('u')} as reference, greatest(${rank('u.role')},
        (select max(${rank('g.role')}) from group_members o join groups g on g.org_id = o.org_id and g.id = o.group_id
          where o.org_id = $1 and o.user_id = u.id and o.group_id <> $2),
        (select max(${rank('e.role')}) from elevations e where e.org_id = $1 and e.user_id = u.id and e.state = 'active'
          and e.starts_at <= $5::timestamptz and e.expires_at > $5::timestamptz and ${ofThisActivation})) as others
      from group_members m join users u on u.org_id = m.org_id and u.id = m.user_id
      where m.org_id = $1 and m.group_id = $2 and u.deleted_at is null and u.status <> 'inactive'
    ), changes as (
      select id, reference, greatest(others, ${rank('$3::text')}) as before, greatest(others, ${rank('$4::text')}) as after
      from members
    ), numbered as (
      select *, row_number() over (partition by before, after order by id) as n from changes where before <> after
    )
    select (array['${ROLES.join("','")}'])[before] as before, (array['${ROLES.join("','")}'])[after] as after,
      count(*)::integer as users,
      (json_agg(reference order by n) filter (where n <= $6))::text as people
    from numbered group by numbered.before, numbered.after order by numbered.before desc, numbered.after desc`,
  long: true,
};

/** Members whose effective role changes with the group's, the highest first. @param now ISO 8601 @param named so many of each by name */
export async function findRoleEffects(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  roles: { readonly from: Role | null; readonly to: Role | null },
  now: string,
  named: number,
): Promise<EffectCount[]> {
  const values = [org, group, roles.from, roles.to, now, named];
  const rows = await tx.query<Omit<EffectCount, 'people'> & { readonly people: string | null }>(
    effects,
    values,
  );
  return rows.map((row) => ({ ...row, people: JSON.parse(row.people ?? '[]') as Reference[] }));
}
