import type { ConnectionId, GroupId, UserId } from '../ids.ts';
import type { Profile, Role } from '../users/user.ts';

/** Who made a group: an administrator, a SCIM connection or a sign-in. */
export type GroupSource = 'manual' | 'scim' | 'sso';

/**
 * A group. Readers take the fields that they need (ADR 0053). Times are ISO 8601 in UTC with milliseconds.
 */
export interface Group {
  readonly id: GroupId;
  /** SCIM's `displayName`. */
  readonly name: string;
  /** The name in the form in which names are compared. */
  readonly nameKey: string;
  readonly description: string | null;
  readonly role: Role | null;
  readonly source: GroupSource;
  /** Who signs in with an address that matches is a member; null for none. */
  readonly autoAssignPattern: string | null;
  /** Moves with every change of the group or of who is in it. */
  readonly version: number;
  readonly createdAt: string;
  /** When its own fields changed last; for a connection also when its members did. */
  readonly updatedAt: string;
  /** What the asking connection calls it. */
  readonly externalId: string | undefined;
  /** What the connections that provision it call it. */
  readonly externalIds: readonly GroupLink[];
  /** JSON text of a Profile. */
  readonly profile: string;
  /** The first members by id. Absent if not asked for. */
  readonly members: MemberPage | undefined;
  /** Members who are not inactive. */
  readonly memberCount: number;
  /** Members who are inactive: their membership gives no rights until they are active again. */
  readonly suspendedMemberCount: number;
  /** False if the group has more members than are counted: both numbers are of the first by id then. */
  readonly isCounted: boolean;
}

/** A SCIM connection that provisions a group, and what it calls it. */
export interface GroupLink {
  readonly connectionId: ConnectionId;
  readonly connectionName: string;
  readonly externalId: string | null;
}

/** A group as SCIM shows it to a connection. */
export type GroupRecord = Pick<
  Group,
  'id' | 'name' | 'version' | 'externalId' | 'createdAt' | 'updatedAt' | 'profile' | 'members'
>;

/** A group as administrators see it. */
export type AdministeredGroup = Omit<Group, 'nameKey' | 'externalId' | 'profile' | 'members'>;

/** A group as a rule about memberships sees it. */
export type GroupHead = Pick<Group, 'id' | 'name' | 'nameKey' | 'role' | 'source'>;

/** The fields that a connection sets, without members; an undefined externalId is unassigned. */
export interface GroupFields extends Pick<Group, 'name' | 'externalId'> {
  readonly profile: Profile;
}

/** The fields that an administrator sets. */
export type GroupInput = Pick<Group, 'name' | 'description' | 'role' | 'autoAssignPattern'>;

export interface Member {
  readonly id: UserId;
  readonly display: string;
}

/** Some of a group's members in the order of their ids, and whether there may be more behind them. */
export interface MemberPage {
  readonly items: readonly Member[];
  readonly more: boolean;
}

/** Members that one query brings: an answer streams page by page, however large the group. */
export const MEMBER_PAGE = 1_000;

/** A change of a group's members that lists only the users it affects. */
export interface MemberDelta {
  /** Everyone not in `add` leaves. */
  readonly clear: boolean;
  readonly add: ReadonlySet<UserId>;
  /** Empty if `clear`. */
  readonly remove: ReadonlySet<UserId>;
}

export const noMemberChange: MemberDelta = { clear: false, add: new Set(), remove: new Set() };

/** True if the delta can change a group. */
export function changesMembers(delta: MemberDelta): boolean {
  return delta.clear || delta.add.size > 0 || delta.remove.size > 0;
}
