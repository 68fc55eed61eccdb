import type { Permission, Scope } from './permissions.ts';

/** What a permission can be about. What the host product has is an agent unless it is a data source. */
export type Subject = 'agent' | 'data_source' | 'user' | 'group' | 'organization';

interface Meaning {
  /** A few words that continue after "may". */
  readonly meaning: string;
  readonly about: readonly Subject[];
}

const of = (meaning: string, ...about: readonly Subject[]): Meaning => ({ meaning, about });

/** What each permission lets a user do, for users to read and for "why" to be answered. */
export const PERMISSION_MEANINGS = {
  'agents:use': of('ask agents', 'agent'),
  'responses:train': of('give feedback on answers and edit them', 'agent'),
  'agents:create': of('create agents', 'organization'),
  'agents:edit': of('edit, delete and transfer agents', 'agent'),
  'data_sources:manage': of('add, change and remove data sources', 'data_source'),
  'users:manage': of('invite users, change name and status, unlock', 'user'),
  'roles:assign': of('give users a role', 'user'),
  'users:read': of('see users', 'user'),
  'users:delete': of('delete users', 'user'),
  'users:export': of('export the data of users', 'user'),
  'analytics:view': of('see analytics', 'user', 'group', 'agent'),
  'activity:read': of('read the activity log', 'user', 'group'),
  'activity:report': of('report what users did in applications', 'organization'),
  'groups:members': of('add users to groups and remove them', 'group'),
  'groups:manage': of('create, change and delete groups, their roles and grants', 'group'),
  'imports:run': of('import users from a CSV file', 'organization'),
  'api_keys:own': of('make API keys of their own', 'user'),
  'api_keys:manage': of('see, stop and revoke the API keys of others', 'user'),
  'elevation:request': of('request a temporary higher role', 'user'),
  'elevation:approve': of('approve such requests of others', 'user'),
  'reviews:decide': of('decide in access reviews', 'user', 'group'),
  'audit:read': of('read the audit log', 'organization'),
  'audit:export': of('export the audit log', 'organization'),
  'alerts:manage': of('handle alerts and their rules', 'organization'),
  'sso:manage': of('set up single sign-on', 'organization'),
  'scim:manage': of('set up SCIM provisioning', 'organization'),
  'webhooks:manage': of('set up webhooks', 'organization'),
  'settings:manage': of('change the settings of the organization', 'organization'),
  'organization:delete': of('delete the organization', 'organization'),
  'billing:manage': of('manage billing', 'organization'),
  'owner:grant': of('make others owner', 'user'),
} as const satisfies Record<Permission, Meaning>;

/** How far each scope reaches, in words that continue after "reaches". */
export const SCOPE_MEANINGS = {
  none: 'nothing',
  self: 'oneself',
  own: 'what one owns',
  member: 'the groups one is in',
  group: 'the groups one manages',
  all: 'the whole organization',
} as const satisfies Record<Scope, string>;

/** @returns whether a permission can be about something of this kind */
export function isAbout(permission: Permission, subject: Subject): boolean {
  const about: readonly Subject[] = PERMISSION_MEANINGS[permission].about;
  return about.includes(subject);
}
