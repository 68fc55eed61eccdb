import type { GroupFields, GroupRecord } from '../directory/groups/group.ts';
import type { UserFields, UserRecord } from '../directory/users/user.ts';
import type { Resource } from './schema/coerce.ts';

/** A stored user as a SCIM resource that the caller may change. */
export function userResource(user: UserRecord): Resource {
  return {
    ...(JSON.parse(user.profile) as Resource),
    userName: user.userName,
    active: user.status !== 'inactive',
    ...(user.externalId === undefined ? {} : { externalId: user.externalId }),
  };
}

/**
 * A SCIM user as fields of the directory. `password` is accepted and not stored: identity providers send
 * a placeholder, and users set their own passwords (ADR 0009).
 */
export function userFields(resource: Resource): UserFields {
  const { userName, active, externalId, password: _, ...profile } = resource;
  return {
    userName: userName as string,
    active: active !== false,
    externalId: externalId as string | undefined,
    profile,
  };
}

/** A stored group as a SCIM resource without members, that the caller may change. */
export function groupResource(group: GroupRecord): Resource {
  return {
    ...(JSON.parse(group.profile) as Resource),
    displayName: group.name,
    ...(group.externalId === undefined ? {} : { externalId: group.externalId }),
  };
}

/** A SCIM group as fields of the directory, without members. */
export function groupFields(resource: Resource): GroupFields {
  const { displayName, externalId, members: _, ...profile } = resource;
  return { name: displayName as string, externalId: externalId as string | undefined, profile };
}
