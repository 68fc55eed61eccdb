import type { GroupRecord, Member } from '../directory/groups/group.ts';
import type { Access } from '../directory/roles/rights-of-users.ts';
import type { GroupReference, UserRecord } from '../directory/users/user.ts';
import { accessTag, withAccess } from './access-attributes.ts';
import type { Attribute } from './schema/attribute.ts';
import type { Resource } from './schema/coerce.ts';
import { defaultProjection, type Projection, pickElement, project } from './schema/projection.ts';
import type { ResourceType } from './schema/resource-type.ts';

/**
 * The version of a user (RFC 7644 §3.14): the row's, and a digest of the groups, which are part of the answer
 * and change without the row.
 */
export function userVersion(user: UserRecord, access?: Access): string {
  const groups = user.memberships;
  const digest = groups.length === 0 ? '' : `.${digestOf(groups)}`;
  return `W/"${user.version}${digest}${access === undefined ? '' : accessTag(access)}"`;
}

export function groupVersion(group: GroupRecord): string {
  return `W/"${group.version}"`;
}

/** FNV-1a over the names and ids in their order, in two halves: it tells versions apart and keeps no secret. */
function digestOf(groups: readonly GroupReference[]): string {
  let [low, high] = [0x811c9dc5, 0x01000193];
  for (const { id, name } of groups) {
    const text = id + name;
    for (let at = 0; at < text.length; at += 1) {
      low = Math.imul(low ^ text.charCodeAt(at), 0x01000193);
      high = Math.imul(high ^ low, 0x85ebca6b);
    }
  }
  return (low >>> 0).toString(36) + (high >>> 0).toString(36);
}

/**
 * A user as JSON text. Without a projection and without access the stored document goes through as the text that Postgres hands
 * over; nothing is parsed.
 * @param base the SCIM base URL
 * @param access what the user may do, if the answer is to show it
 */
export function presentUser(
  user: UserRecord,
  type: ResourceType,
  base: string,
  projection?: Projection,
  access?: Access,
): string {
  const text = userText(user, type, base, access);
  if (access === undefined && projection === undefined && !type.hidesStoredAttributes) return text;
  const stored = JSON.parse(text) as Resource;
  const resource = access === undefined ? stored : withAccess(stored, access);
  return JSON.stringify(project(resource, type, projection ?? defaultProjection));
}

function userText(user: UserRecord, type: ResourceType, base: string, access: Access | undefined): string {
  const shown = user.memberships;
  const groups =
    shown.length === 0 ? '' : `,"groups":[${shown.map((group) => groupText(group, base)).join()}]`;
  return `{"schemas":${schemasOf(type, user.profile)},"id":"${user.id}"${externalIdOf(user)},"userName":${JSON.stringify(
    user.userName,
  )},"active":${user.status !== 'inactive'}${innerOf(user.profile)}${groups},"meta":${metaOf(type, user, userVersion(user, access), base)}}`;
}

function groupText({ id, name }: GroupReference, base: string): string {
  return `{"value":"${id}","$ref":"${base}/Groups/${id}","display":${JSON.stringify(name)},"type":"direct"}`;
}

/** A group as JSON text that still wants its members and the closing brace, and how a member is written. */
export interface OpenGroup {
  readonly open: string;
  /** Undefined if the answer has no members. */
  readonly member: ((member: Member) => string) | undefined;
}

export function presentGroup(
  group: GroupRecord,
  type: ResourceType,
  base: string,
  projection?: Projection,
): OpenGroup {
  const text = `{"schemas":${schemasOf(type, group.profile)},"id":"${group.id}"${externalIdOf(group)},"displayName":${JSON.stringify(
    group.name,
  )}${innerOf(group.profile)},"meta":${metaOf(type, group, groupVersion(group), base)}}`;
  const projected =
    projection === undefined && !type.hidesStoredAttributes
      ? text
      : JSON.stringify(project(JSON.parse(text) as Resource, type, projection ?? defaultProjection));
  const members = membersOf(type);
  return {
    open: projected.slice(0, -1),
    member: projection === undefined ? memberText(base) : projectedMember(members, projection, base),
  };
}

/** The attribute that a large group's answer is nearly all of. */
export function membersOf(type: ResourceType): Attribute {
  const members = type.attributes.get('members');
  if (members === undefined) throw new Error('The Group schema has no members.');
  return members;
}

function memberText(base: string): (member: Member) => string {
  return ({ id, display }) =>
    `{"value":"${id}","$ref":"${base}/Users/${id}","type":"User","display":${JSON.stringify(display)}}`;
}

function projectedMember(members: Attribute, projection: Projection, base: string): OpenGroup['member'] {
  if (!projection.has(members)) return undefined;
  return ({ id, display }) => {
    const element = { value: id, $ref: `${base}/Users/${id}`, type: 'User', display };
    return JSON.stringify(pickElement(element, members, projection) ?? {});
  };
}

/** The schemas that the resource uses: an extension's object is there by its URN. */
function schemasOf(type: ResourceType, profile: string): string {
  let text = `["${type.schema.id}"`;
  for (const { urn } of type.extensions.values()) if (profile.includes(`"${urn}":`)) text += `,"${urn}"`;
  return `${text}]`;
}

function externalIdOf({ externalId }: { readonly externalId: string | undefined }): string {
  return externalId === undefined ? '' : `,"externalId":${JSON.stringify(externalId)}`;
}

/** A stored document's members, to be appended to others. */
function innerOf(profile: string): string {
  return profile.length <= 2 ? '' : `,${profile.slice(1, -1)}`;
}

function metaOf(type: ResourceType, record: UserRecord | GroupRecord, version: string, base: string): string {
  const { id, createdAt, updatedAt } = record;
  return `{"resourceType":"${type.name}","created":"${createdAt}","lastModified":"${updatedAt}","location":"${base}${type.endpoint}/${id}","version":${JSON.stringify(version)}}`;
}
