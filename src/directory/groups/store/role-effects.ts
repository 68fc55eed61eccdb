import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { GroupId, OrgId, UserId } from '../../ids.ts';
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

/**
 * `$3` and `$4` are the group's role before and after; null gives nothing. `$7` are those who would join, `$8` those who
 * would leave: of a group whose role stays, no one else has to be looked at.
 */
const effects: Statement = {
  name: 'group-role-effects',
  text: `with moving as materialized (
      select id, false as was, true as stays from unnest((select $7::uuid[])) as j (id)
      union all select id, true, false from unnest((select $8::uuid[])) as l (id)
    ), staying as materialized (
      select m.user_id as id, true as was, true as stays from group_members m left join moving on moving.id = m.user_id
      where m.org_id = $1 and m.group_id = $2 and $3::text is distinct from $4::text and moving.id is null
    ), members as (
      select u.id, a.was, a.stays, ${userReferenceOf('u')} as reference, greatest(${rank('u.role')},
        (select max(${rank('g.role')}) from group_members o join groups g on g.org_id = o.org_id and g.id = o.group_id
          where o.org_id = $1 and o.user_id = u.id and o.group_id <> $2),
        (select max(${rank('e.role')}) from elevations e where e.org_id = $1 and e.user_id = u.id and e.state = 'active'
          and e.starts_at <= $5::timestamptz and e.expires_at > $5::timestamptz and ${ofThisActivation})) as others
      from (select * from moving union all select * from staying) a cross join lateral (
        select * from users where org_id = $1 and id = a.id limit 1
      ) u
      where u.deleted_at is null and u.status <> 'inactive'
    ), changes as (
      select id, reference, greatest(others, case when was then ${rank('$3::text')} end) as before,
        greatest(others, case when stays then ${rank('$4::text')} end) as after
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

/** Users whose effective role changes with the group, the highest first. @param now ISO 8601 @param named so many of each by name */
export async function findRoleEffects(
  tx: Executor,
  org: OrgId,
  group: GroupId,
  {
    from,
    to,
    joining,
    leaving,
  }: {
    /** The group's role. */
    readonly from: Role | null;
    readonly to: Role | null;
    readonly joining: readonly UserId[];
    readonly leaving: readonly UserId[];
  },
  now: string,
  named: number,
): Promise<EffectCount[]> {
  if (from === to && joining.length + leaving.length === 0) return [];
  const values = [org, group, from, to, now, named, joining, leaving];
  const rows = await tx.query<Omit<EffectCount, 'people'> & { readonly people: string | null }>(
    effects,
    values,
  );
  return rows.map((row) => ({ ...row, people: JSON.parse(row.people ?? '[]') as Reference[] }));
}
