import type { Database } from '../../../platform/db/database.ts';
import type { OrgId, UserId } from '../../ids.ts';
import type { Page } from '../predicate.ts';
import type { Start } from './keyset.ts';

/** Finds the members of a group that are on a page in the order of ids: the index of the memberships has that order. */
export async function findGroupPage(
  db: Database,
  org: OrgId,
  group: string,
  page: Page,
  start: Start,
): Promise<readonly UserId[]> {
  const values: unknown[] = [org, group];
  const after = 'after' in start ? start.after : undefined;
  const isAfter = after === undefined ? '' : `and m.user_id > $${values.push(after.id)}::uuid`;
  const offset = 'offset' in start ? Math.trunc(start.offset) : 0;
  const rows = await db.search<{ id: UserId }>(
    `select m.user_id as id from group_members m cross join lateral (
        select from users u where u.org_id = $1 and u.id = m.user_id and u.deleted_at is null limit 1
      ) live
      where m.org_id = $1 and m.group_id = $2::uuid ${isAfter}
      order by m.user_id limit ${Math.trunc(page.limit)} offset ${offset}`,
    values,
  );
  return rows.map(({ id }) => id);
}
