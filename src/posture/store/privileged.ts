import type { OrgId } from '../../directory/ids.ts';
import { counted, PASSWORD_ALONE } from '../../directory/store/fragments.ts';
import { idsReaching } from '../../directory/users/store/filter.ts';
import type { Database } from '../../platform/db/database.ts';
import { parameters } from '../../platform/db/query-builder.ts';

/** Active people with a high role, by whatever way they have it. */
export interface PrivilegedCounts {
  readonly owners: number;
  /** Owners included. */
  readonly admins: number;
  readonly configure: number;
  /** Of all of them those who have a password and no second factor. */
  readonly withoutSecondFactor: number;
}

export const IS_ACTIVE = `u.status = 'active' and u.deleted_at is null`;

/** @param now ISO 8601 @param most where counting stops, of each role; undefined to count all */
export async function countPrivileged(
  db: Database,
  org: OrgId,
  now: string,
  most?: number,
): Promise<PrivilegedCounts> {
  const { values, bind } = parameters(org, now);
  const limit = bind(most ?? null);
  const [row] = await db.search<PrivilegedCounts>(
    `with admins as materialized (${idsReaching('admin', bind)} limit ${limit}),
      privileged as materialized (${idsReaching('configure', bind)} limit ${limit}),
      people as materialized (select id from admins union select id from privileged)
    select (count(*) filter (where u.role = 'admin' and u.owner))::integer as owners,
      (count(*) filter (where a.id is not null))::integer as admins,
      (count(*) filter (where a.id is null))::integer as configure,
      (count(*) filter (where ${PASSWORD_ALONE}))::integer as "withoutSecondFactor"
    from people join users u on u.org_id = $1 and u.id = people.id left join admins a on a.id = u.id
    where ${IS_ACTIVE}`,
    values,
  );
  return row ?? { owners: 0, admins: 0, configure: 0, withoutSecondFactor: 0 };
}

/**
 * How many people are active: all of them without those who are not, whom an index counts alone. Deleted users have no
 * place in the total, whatever their status, and no key. Counting the active ones reads every row.
 */
export async function countActive(db: Database, org: OrgId): Promise<number> {
  const others = `select count(*) from users u where u.org_id = $1 and u.status in ('inactive', 'pending')`;
  const [row] = await db.search<{ people: number }>(
    `select (${counted('$1', 'users', '$1')} - (${others}) + (${others} and u.user_name_key is null))::integer as people`,
    [org],
  );
  return row?.people ?? 0;
}

/** The same, counted one by one up to `most`. */
export async function countActiveUpTo(db: Database, org: OrgId, most: number): Promise<number> {
  const [row] = await db.search<{ people: number }>(
    `select count(*)::integer as people from (select from users u where u.org_id = $1 and ${IS_ACTIVE} limit $2) active`,
    [org, most],
  );
  return row?.people ?? 0;
}
