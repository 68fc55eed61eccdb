import { historyTime } from '../../store/fragments.ts';

/**
 * The SQL of adding and removing members, of which every statement is made that does either. A membership is a row with
 * the sources that granted it (ADR 0012); `$1` is the organization.
 */

/** The SQL of memberships to add: one for each row of `from`. */
interface NewMemberships {
  readonly group: string;
  readonly user: string;
  readonly at: string;
  readonly source: string;
  readonly inGroupRole: string;
  readonly from: string;
}

/**
 * Inserts memberships. One that another source granted gets this source as well, or stays as it is; only a row that
 * did not exist before is `fresh` (it has no `xmax`), and only that one is an event.
 */
export function insertMemberships(rows: NewMemberships, ifThere: 'share' | 'leave' = 'share'): string {
  const { group, user, at, source, inGroupRole, from } = rows;
  const conflict =
    ifThere === 'leave'
      ? 'on conflict do nothing'
      : `on conflict (org_id, group_id, user_id)
      do update set sources = array_append(group_members.sources, ${source}) where ${source} <> all (group_members.sources)`;
  return `insert into group_members (org_id, group_id, user_id, added_at, in_group_role, sources)
      select $1, ${group}, ${user}, ${at}, ${inGroupRole}, array[${source}] from ${from}
      ${conflict}
      returning group_id, user_id, xmax = 0 as fresh${ifThere === 'share' ? `, ${historyTime(at)}` : ''}`;
}

/**
 * The memberships in the common table `leaving`, locked, with the sources that they have then: another source may be given
 * at that moment. Each is looked up by its whole key: beside an array a planner without statistics would read all members
 * of a group to find one (ADR 0021).
 */
const held = `held as materialized (
      select leaving.group_id, leaving.user_id, m.sources from leaving cross join lateral (
        select sources from group_members
        where org_id = $1 and group_id = leaving.group_id and user_id = leaving.user_id limit 1 for update
      ) m
    )`;

const isHeld = 'm.org_id = $1 and m.group_id = held.group_id and m.user_id = held.user_id';

/** The source of a membership that follows from the sign-in address: only the group's pattern gives and ends it. */
export const PATTERN = "'pattern'";

/**
 * Ends the memberships in `leaving`, whatever source granted them: the common table `removed`. What a user's address gives
 * stays: the pattern would give it again. @param at SQL
 */
export const removeMembershipsSql = (at: string) => `${held}, unshared as (
      update group_members m set sources = array[${PATTERN}] from held where ${isHeld}
        and ${PATTERN} = any (held.sources) and cardinality(held.sources) > 1
      returning ${historyTime(at)}
    ), removed as (
      delete from group_members m using held where ${isHeld} and ${PATTERN} <> all (held.sources)
      returning m.group_id, m.user_id, ${historyTime(at)}
    )`;

/** Takes one source from the memberships in `leaving`; those without any other source end: the common table `removed`. */
export const removeSourceSql = (source: string, at: string) => `${held}, unshared as (
      update group_members m set sources = array_remove(held.sources, ${source}) from held
      where ${isHeld}
        and ${source} = any (held.sources) and cardinality(held.sources) > 1
      returning ${historyTime(at)}
    ), removed as (
      delete from group_members m using held
      where ${isHeld} and held.sources = array[${source}]
      returning m.group_id, m.user_id, ${historyTime(at)}
    )`;

/** Whether the user `u` is in one of some groups. @param groups SQL of an array */
export const isMemberOf = (groups: string) => `exists (
      select from group_members m where m.org_id = $1 and m.user_id = u.id and m.group_id = any(${groups}::uuid[]))`;
