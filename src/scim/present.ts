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
  return versionOf(user, user.memberships.map(hashOf), access);
}

export function groupVersion(group: GroupRecord): string {
  return `W/"${group.version}"`;
}

function versionOf(user: UserRecord, hashes: readonly number[], access: Access | undefined): string {
  const digest = hashes.length === 0 ? '' : `.${digestOf(hashes)}`;
  return `W/"${user.version}${digest}${access === undefined ? '' : accessTag(access)}"`;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a of a group's id and name: it tells versions apart and keeps no secret. */
function hashOf({ id, name }: GroupReference): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), FNV_PRIME);
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), FNV_PRIME);
  return hash;
}

/** The groups' hashes in their order, in two halves that mix differently. */
function digestOf(hashes: readonly number[]): string {
  let [low, high] = [FNV_OFFSET, FNV_PRIME];
  for (const hash of hashes) {
    low = Math.imul(low ^ hash, FNV_PRIME);
    high = Math.imul(high ^ hash ^ (low >>> 15), 0x85ebca6b);
  }
  return (low >>> 0).toString(36) + (high >>> 0).toString(36);
}

/** A user as JSON text, with the version that is in it. */
export interface PresentedUser {
  readonly text: string;
  readonly version: string;
}

/** What a user's answer says of a group, and the group's part of the version. */
interface PresentedGroup {
  readonly text: string;
  readonly hash: number;
}

/**
 * Users as JSON texts. Without a projection and without access a stored document goes through as the text that Postgres
 * hands over; nothing is parsed. A group that users share is written once.
 * @param base the SCIM base URL
 * @param access what users may do, by their ids, if the answer is to show it
 */
export function presentUsers(
  users: readonly UserRecord[],
  type: ResourceType,
  base: string,
  projection: Projection | undefined,
  access: ReadonlyMap<string, Access>,
): PresentedUser[] {
  const groups = new Map<GroupReference, PresentedGroup>();
  const groupOf = (group: GroupReference): PresentedGroup => {
    const known = groups.get(group);
    if (known !== undefined) return known;
    const presented = { text: groupText(group, base), hash: hashOf(group) };
    groups.set(group, presented);
    return presented;
  };
  return users.map((user) => {
    const shown = access.get(user.id);
    const memberships = user.memberships.map(groupOf);
    const hashes = memberships.map(({ hash }) => hash);
    const version = versionOf(user, hashes, shown);
    const text = userText(user, memberships, version, type, base);
    if (shown === undefined && projection === undefined && !type.hidesStoredAttributes)
      return { text, version };
    const stored = JSON.parse(text) as Resource;
    const resource = shown === undefined ? stored : withAccess(stored, shown);
    return { text: JSON.stringify(project(resource, type, projection ?? defaultProjection)), version };
  });
}

function userText(
  user: UserRecord,
  memberships: readonly PresentedGroup[],
  version: string,
  type: ResourceType,
  base: string,
): string {
  const groups = memberships.length === 0 ? '' : `,"groups":[${memberships.map(({ text }) => text).join()}]`;
  return `{"schemas":${schemasOf(type, user.profile)},"id":"${user.id}"${externalIdOf(user)},"userName":${JSON.stringify(
    user.userName,
  )},"active":${user.status !== 'inactive'}${innerOf(user.profile)}${groups},"meta":${metaOf(type, user, version, base)}}`;
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
