import type { GroupId, UserId } from '../ids.ts';
import type { Profile } from '../users/user.ts';

/** The fields that a caller sets on a group, without its members. */
export interface GroupFields {
  readonly displayName: string;
  /** What the asking connection calls the group; undefined unassigns it. */
  readonly externalId: string | undefined;
  readonly profile: Profile;
}

/** A group as an interface presents it. */
export interface GroupRecord {
  readonly id: GroupId;
  readonly displayName: string;
  /** Moves with every change of the group or of who is in it. */
  readonly version: number;
  readonly externalId: string | undefined;
  /** ISO 8601 in UTC with milliseconds, as `updatedAt`. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** JSON text of a Profile. */
  readonly profile: string;
  /** The first members by id. Absent if not asked for. */
  readonly members: MemberPage | undefined;
}

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
