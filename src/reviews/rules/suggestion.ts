import { compareRoles } from '../../directory/roles/rules/roles.ts';
import type { Role } from '../../directory/users/user.ts';
import type { Usage } from './usage.ts';

/** What Rollcall suggests about a user, and why (R127, R130). It suggests only what its figures show. */

export type SuggestedDecision = 'keep' | 'change_role' | 'remove_group' | 'deactivate';
export type RiskLevel = 'low' | 'medium' | 'high';

/** A suggestion; each reason is a sentence. */
export interface Suggestion {
  readonly decision: SuggestedDecision;
  readonly role: Role | null;
  readonly group: string | null;
  readonly risk: RiskLevel;
  readonly reasons: readonly string[];
}

/** What the members of a group have as their direct roles, the user aside. */
export interface Peers {
  readonly group: string;
  readonly others: number;
  /** How many have a lower direct role. */
  readonly below: number;
  /** The role that most of them have. */
  readonly usual: Role;
}

export interface UserFacts {
  readonly status: 'active' | 'pending';
  readonly role: Role;
  readonly effectiveRole: Role;
  readonly owner: boolean;
  /** The days since they last did something here, or were created. */
  readonly idleDays: number;
  readonly hasSignedIn: boolean;
  /** The days since they were created: of a new account, that a right was not used says nothing. */
  readonly ageDays: number;
  /** Groups that carry a role above the direct one, the highest role first. */
  readonly roleGroups: readonly {
    readonly id: string;
    readonly name: string;
    readonly role: Role;
    /** Whether the group adds the user by their address: no one takes them out. */
    readonly isByPattern?: boolean;
  }[];
  readonly usage: Usage;
  /** Roles of the elevations that began in the period. */
  readonly elevatedTo: readonly Role[];
  readonly peers: readonly Peers[];
}

export interface AccountFacts {
  readonly role: Role;
  readonly status: 'active' | 'inactive';
  readonly ownerIsActive: boolean;
  readonly keys: number;
  /** The days since a key was used, or since it was created. */
  readonly idleDays: number;
}

export interface KeyFacts {
  readonly idleDays: number;
  readonly wasUsed: boolean;
  readonly expires: boolean;
  /** Whether its holder is active. */
  readonly holderIsActive: boolean;
  /** The holder's role. */
  readonly role: Role;
}

/** A role is above its peers if so many of at least so many others have a lower one. */
const ABOVE_PEERS = { others: 4, share: 0.8 };
/** So many elevations to one role in the period are a role in everything but name. */
const RECURRING_ELEVATIONS = 3;
/** So old an account is before what it did not use counts. */
const JUDGED_AFTER_DAYS = 30;

const isPrivileged = (role: Role) => compareRoles(role, 'configure') >= 0;

/** @param inactiveAfter days without activity after which a user is inactive */
export function suggestForUser(facts: UserFacts, inactiveAfter: number): Suggestion {
  const { effectiveRole, owner, idleDays, hasSignedIn, status } = facts;
  if (idleDays >= inactiveAfter) {
    const since = hasSignedIn ? `Did nothing here for ${days(idleDays)}.` : neverCame(status, idleDays);
    return result('deactivate', isPrivileged(effectiveRole) ? 'high' : 'medium', [
      since,
      ...unusedReason(facts),
    ]);
  }
  const recurring = recurringElevation(facts);
  if (recurring !== undefined) return recurring;
  const peers = peersBelow(facts);
  const abovePeers =
    peers === undefined
      ? []
      : [`${peers.below} of ${peers.others} others in ${peers.group} have a lower role.`];
  if (!owner && facts.ageDays >= JUDGED_AFTER_DAYS && facts.usage.used.length === 0) {
    if (effectiveRole === 'admin') return lower(facts, 'configure', 'high', abovePeers);
    if (effectiveRole === 'configure' && peers !== undefined)
      return lower(facts, peers.usual, 'medium', abovePeers);
  }
  const kept = [...whyKeptUnused(facts), ...abovePeers];
  return result('keep', kept.length > 0 ? 'medium' : 'low', [...kept, ...usedReason(facts)]);
}

/** @param inactiveAfter as of `suggestForUser` */
export function suggestForAccount(
  { role, status, ownerIsActive, keys, idleDays }: AccountFacts,
  inactiveAfter: number,
): Suggestion {
  if (status === 'inactive') return result('keep', 'low', ['Is disabled already.']);
  const risk = isPrivileged(role) ? 'high' : 'medium';
  if (!ownerIsActive) return result('deactivate', 'high', ['No active user answers for it.']);
  if (keys === 0) return result('deactivate', risk, ['Has no key that works.']);
  if (idleDays >= inactiveAfter)
    return result('deactivate', risk, [`None of its keys was used for ${days(idleDays)}.`]);
  return result('keep', isPrivileged(role) ? 'medium' : 'low', []);
}

/** @param inactiveAfter as of `suggestForUser` */
export function suggestForKey(
  { idleDays, wasUsed, expires, holderIsActive, role }: KeyFacts,
  inactiveAfter: number,
): Suggestion {
  const forever = expires ? [] : ['It never expires.'];
  if (!holderIsActive) return result('deactivate', 'medium', ['Its holder is not active.', ...forever]);
  if (idleDays >= inactiveAfter) {
    const unused = wasUsed
      ? `It was not used for ${days(idleDays)}.`
      : `It was never used in the ${days(idleDays)} since it was made.`;
    return result('deactivate', isPrivileged(role) ? 'high' : 'medium', [unused, ...forever]);
  }
  return result('keep', expires ? 'low' : 'medium', forever);
}

function recurringElevation({ role, elevatedTo }: UserFacts): Suggestion | undefined {
  for (const higher of ['admin', 'configure', 'train'] as const) {
    const times = elevatedTo.filter((each) => each === higher).length;
    if (times < RECURRING_ELEVATIONS || compareRoles(higher, role) <= 0) continue;
    const reason = `Had the role ${higher} for a while ${times} times: if the work needs it, give it as their role.`;
    return { ...result('change_role', 'medium', [reason]), role: higher };
  }
  return undefined;
}

/** A lower role: by the direct role, or by leaving the group that gives the higher one. */
function lower(facts: UserFacts, to: Role, risk: RiskLevel, more: readonly string[]): Suggestion {
  const reasons = [...unusedReason(facts), ...more];
  if (compareRoles(facts.role, to) > 0) return { ...result('change_role', risk, reasons), role: to };
  const [group] = facts.roleGroups;
  if (group === undefined)
    return result('keep', risk, [...reasons, 'The role is a temporary one, and ends by itself.']);
  const carried = `The role ${group.role} comes from the group ${group.name}.`;
  if (group.isByPattern === true) {
    return result('keep', risk, [...reasons, carried, 'It adds everyone with such an address.']);
  }
  return { ...result('remove_group', risk, [...reasons, carried]), group: group.id };
}

function unusedReason({ effectiveRole, usage }: UserFacts): string[] {
  const recorded = usage.used.length + usage.unused.length;
  if (!isPrivileged(effectiveRole) || recorded === 0 || usage.used.length > 0) return [];
  return [`Used none of the ${recorded} rights of the role ${effectiveRole} whose use is recorded.`];
}

/** That nothing of a role was used, and why it is kept all the same. */
function whyKeptUnused(facts: UserFacts): string[] {
  const unused = unusedReason(facts);
  const { owner, ageDays, hasSignedIn, status, idleDays } = facts;
  if (unused.length === 0) return [];
  if (!hasSignedIn) return [neverCame(status, idleDays)];
  if (owner) return [...unused, 'An owner has the role admin: remove the owner flag first to lower it.'];
  if (ageDays < JUDGED_AFTER_DAYS) {
    return [...unused, `The account is ${days(ageDays)} old: too new to judge it by what was not used.`];
  }
  return [...unused, 'Work on agents and data sources is not recorded here, so the role may be in use.'];
}

function usedReason({ effectiveRole, usage }: UserFacts): string[] {
  if (!isPrivileged(effectiveRole) || usage.used.length === 0) return [];
  const recorded = usage.used.length + usage.unused.length;
  return [
    `Used ${usage.used.length} of the ${recorded} rights of the role ${effectiveRole} whose use is recorded.`,
  ];
}

function peersBelow({ role, peers }: UserFacts): Peers | undefined {
  if (!isPrivileged(role)) return undefined;
  return peers
    .filter(({ others, below }) => others >= ABOVE_PEERS.others && below >= others * ABOVE_PEERS.share)
    .toSorted((left, right) => right.below - left.below)[0];
}

const days = (count: number) => (count === 0 ? 'less than a day' : count === 1 ? 'a day' : `${count} days`);

const neverCame = (status: UserFacts['status'], idleDays: number) =>
  status === 'pending'
    ? `Was invited ${days(idleDays)} ago and never signed in.`
    : `Never signed in; the account is ${days(idleDays)} old.`;

const result = (decision: SuggestedDecision, risk: RiskLevel, reasons: readonly string[]): Suggestion => ({
  decision,
  role: null,
  group: null,
  risk,
  reasons,
});
