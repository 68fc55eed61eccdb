import type { Executor, Statement } from '../../../platform/db/statement.ts';
import type { OrgId } from '../../ids.ts';

const users: Statement = {
  name: 'overview-users',
  text: `select user_name as "userName", status, source, email from users
    where org_id = $1 and deleted_at is null order by id limit 50`,
};

/** The first users of an organization, for a user to look at. */
export function userNames(db: Executor, org: OrgId) {
  return db.query<{ userName: string; status: string; source: string; email: string | null }>(users, [org]);
}

const groups: Statement = {
  name: 'overview-groups',
  text: `select g.display_name as "displayName",
      coalesce((select json_agg(u.user_name order by u.user_name) from group_members m
        join users u on u.org_id = m.org_id and u.id = m.user_id and u.deleted_at is null and u.status <> 'inactive'
        where m.org_id = g.org_id and m.group_id = g.id), '[]') as members
    from groups g where g.org_id = $1 order by g.display_name_key limit 50`,
};

/** The first groups of an organization with their members who count, for a user to look at. */
export function groupNames(db: Executor, org: OrgId) {
  return db.query<{ displayName: string; members: string[] }>(groups, [org]);
}
