import type { GroupId, UserId } from '../../ids.ts';
import { displayNameOf, hasManagedRole, lockHolds, ofThisActivation } from '../../store/fragments.ts';
import { userReferenceOf } from '../../store/references.ts';
import {
  type ActiveElevation,
  type DirectoryUser,
  type GroupReference,
  RECORD_FIELDS,
  type Role,
  type RoleMembership,
  type User,
  type UserRecord,
} from '../user.ts';

/** How one field of a User is read. */
interface Field<Value> {
  /** `u` is users, `l` the asking connection's link, `:now` the parameter of the time. */
  readonly sql: string;
  /** What the column's value becomes; without it a value stays as it is, and null is undefined. */
  readonly read?: (text: string | null) => Value;
}

/** Every field of a User: the one place where rows become users. Whether an elevation or a lock has ended follows from the clock. */
const fields: { readonly [Name in keyof User]: Field<User[Name]> } = {
  id: { sql: 'u.id' },
  userName: { sql: 'u.user_name' },
  status: { sql: 'u.status' },
  role: { sql: 'u.role' },
  owner: { sql: 'u.owner' },
  groupRoles: {
    sql: `(select json_agg(json_build_array(g.id, g.display_name, m.in_group_role, g.role, g.source,
        case when 'pattern' = any (m.sources) then g.auto_assign_pattern end))::text
     from group_members m join groups g on g.org_id = m.org_id and g.id = m.group_id
    where m.org_id = u.org_id and m.user_id = u.id)`,
    read: toRoleMemberships,
  },
  elevations: {
    sql: `(select json_agg(json_build_array(e.id, e.role, e.expires_at))::text from elevations e
    where e.org_id = u.org_id and e.user_id = u.id and e.state = 'active'
      and e.starts_at <= :now::timestamptz and e.expires_at > :now::timestamptz
      and ${ofThisActivation})`,
    read: toElevations,
  },
  email: { sql: 'coalesce(u.email, u.user_name)' },
  emailSharedWith: {
    sql: `case when u.shared_email_key is not null then (
    select ${userReferenceOf('h')} from users h where h.org_id = u.org_id and h.email_key = u.shared_email_key
  ) end`,
  },
  name: { sql: displayNameOf('u') },
  source: { sql: 'u.source' },
  managed: { sql: 'exists (select from user_links k where k.org_id = u.org_id and k.user_id = u.id)' },
  isRoleManaged: { sql: hasManagedRole('u') },
  // A lock that has opened by itself is still written down; its failed attempts no longer count.
  failedLogins: {
    sql: `case when u.locked_at is null or ${lockHolds(':now')} then u.failed_logins else 0 end`,
  },
  lockedAt: { sql: `case when ${lockHolds(':now')} then u.locked_at end` },
  lastLoginAt: { sql: 'u.last_login_at' },
  lastActiveAt: { sql: 'u.last_active_at' },
  createdAt: { sql: 'u.created_at' },
  updatedAt: { sql: 'u.updated_at' },
  deletedAt: { sql: 'u.deleted_at' },
  version: { sql: 'u.version' },
  pendingEmail: {
    sql: `(select json_build_array(c.email, c.expires_at)::text from email_changes c
    where c.org_id = u.org_id and c.user_id = u.id and c.expires_at > :now::timestamptz)`,
    read: (text) => withExpiry(text, (email, expiresAt) => ({ email, expiresAt })),
  },
  invitation: {
    sql: `case when u.status = 'pending' then (
    select json_build_array(i.id, i.expires_at)::text from invitations i
    where i.org_id = u.org_id and i.user_id = u.id and i.accepted_at is null and i.revoked_at is null
    order by i.id desc limit 1
  ) end`,
    read: (text) => withExpiry(text, (id, expiresAt) => ({ id, expiresAt })),
  },
  externalId: { sql: 'l.external_id' },
  profile: { sql: 'u.profile::text' },
  memberships: {
    sql: `(select json_agg(json_build_array(g.id, g.display_name))::text
     from group_members m join groups g on g.org_id = m.org_id and g.id = m.group_id
    where m.org_id = u.org_id and m.user_id = u.id)`,
    read: toGroupReferences,
  },
};

const NOT_OF_DIRECTORY: ReadonlySet<keyof User> = new Set([
  'userName',
  'externalId',
  'profile',
  'memberships',
]);

/** A row of a selection: columns are called as the fields of a User, and only `toUser` knows what is in them. */
export type UserRow<Name extends keyof User> = {
  readonly [Key in Name]: Key extends 'id' ? UserId : unknown;
};

/** Some fields of users: what a statement selects, and what its rows become. */
export interface UserSelection<Name extends keyof User> {
  /** `u` is users, `l` the asking connection's link. @param now the parameter of the time, for fields that depend on it */
  readonly columns: (now?: string) => string;
  readonly toUser: (row: UserRow<Name>) => Pick<User, Name>;
}

export function selectUser<Name extends keyof User>(...names: readonly Name[]): UserSelection<Name> {
  const text = names.map((name) => `${fields[name].sql} as "${name}"`).join(', ');
  const readers = names.map((name) => ({ name, read: fields[name].read }));
  return {
    columns: (now = 'now()') => text.replaceAll(':now', now),
    toUser: (row) => {
      const user: Partial<Record<Name, unknown>> = {};
      for (const { name, read } of readers) {
        const value = row[name];
        user[name] = read === undefined ? (value ?? undefined) : read(value as string | null);
      }
      return user as Pick<User, Name>;
    },
  };
}

/** What administrators see of a user. */
export const directoryUser = selectUser(
  ...(Object.keys(fields) as (keyof User)[]).filter(
    (name): name is keyof DirectoryUser => !NOT_OF_DIRECTORY.has(name),
  ),
);
export type DirectoryUserRow = UserRow<keyof DirectoryUser>;

/** What decides what a user may do. */
export const rightsOfUser = selectUser('id', 'status', 'role', 'owner', 'groupRoles', 'elevations');
export type RightsRow = UserRow<'id' | 'status' | 'role' | 'owner' | 'groupRoles' | 'elevations'>;

const record = selectUser(...RECORD_FIELDS);
export type RecordRow = UserRow<(typeof RECORD_FIELDS)[number]>;

/** The columns of a UserRecord. */
export const userColumns = record.columns();
export const toUserRecord: (row: RecordRow) => UserRecord = record.toUser;

type PagedField = Exclude<(typeof RECORD_FIELDS)[number], 'memberships'>;
const paged = selectUser(...RECORD_FIELDS.filter((name): name is PagedField => name !== 'memberships'));

/** The same for a page of users, who share groups: ids alone, to go with `groupsOfPage`. */
export const pagedUserColumns = `${paged.columns()},
  (select string_agg(m.group_id::text, ',') from group_members m
    where m.org_id = u.org_id and m.user_id = u.id) as "groupIds"`;

/** Every group that a user of the common table `page` is in, once and each looked up by its key (ADR 0021). */
export const groupsOfPage = `(select json_agg(json_build_array(g.id, g.display_name))::text from (
    select distinct one::uuid as id from page p, string_to_table(p."groupIds", ',') as one
  ) shared cross join lateral (
    select id, display_name from groups where org_id = $1 and id = shared.id limit 1
  ) g)`;

export type PagedUserRow = UserRow<PagedField> & {
  /** Separated by commas, in no order: to sort them here would have Postgres without statistics read the wrong index. */
  readonly groupIds: string | null;
};

/** @param groups what `groupsOfPage` gave */
export function toUserRecords(rows: readonly PagedUserRow[], groups: string | null): UserRecord[] {
  const byId = new Map(toGroupReferences(groups).map((group) => [group.id, group]));
  return rows.map((row) => {
    const memberships: GroupReference[] = [];
    for (const id of (row.groupIds?.split(',') ?? []).sort()) {
      const group = byId.get(id);
      if (group !== undefined) memberships.push(group);
    }
    return Object.assign(paged.toUser(row), { memberships });
  });
}

/** From-clause of a UserRecord; `$1` is the organization, `$2` the connection. */
export const userSource = `users u left join user_links l
  on l.org_id = u.org_id and l.user_id = u.id and l.connection_id = $2`;

/** The same for users whose ids are known before: looked up one by one, whatever the planner believes of the links. */
export const userSourceById = `users u left join lateral (
    select external_id from user_links
    where org_id = u.org_id and user_id = u.id and connection_id = $2 limit 1
  ) l on true`;

function toGroupReferences(text: string | null): GroupReference[] {
  if (text === null) return [];
  const pairs = JSON.parse(text) as [id: string, name: string][];
  if (pairs.length > 1) pairs.sort(([left], [right]) => (left < right ? -1 : 1));
  return pairs.map(([id, name]) => ({ id, name }));
}

function toRoleMemberships(text: string | null): RoleMembership[] {
  const rows = JSON.parse(text ?? '[]') as [
    GroupId,
    string,
    RoleMembership['inGroupRole'],
    Role | null,
    'manual' | 'scim' | 'sso',
    string | null,
  ][];
  return rows.map(([group, name, inGroupRole, role, source, pattern]) => ({
    group,
    name,
    inGroupRole,
    role: role ?? undefined,
    managedBy: source === 'manual' ? undefined : source,
    ...(pattern === null ? {} : { autoAssignPattern: pattern }),
  }));
}

function toElevations(text: string | null): ActiveElevation[] {
  const rows = JSON.parse(text ?? '[]') as [string, Role, string][];
  return rows.map(([id, role, expiresAt]) => ({ id, role, expiresAt: new Date(expiresAt).toISOString() }));
}

function withExpiry<Value>(
  text: string | null,
  make: (what: string, expiresAt: string) => Value,
): Value | undefined {
  if (text === null) return undefined;
  const [what, expiresAt] = JSON.parse(text) as [string, string];
  return make(what, new Date(expiresAt).toISOString());
}
