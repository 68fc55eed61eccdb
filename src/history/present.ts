import { presentParty } from '../audit/present.ts';
import { effectiveRole } from '../directory/roles/authority.ts';
import { accessTier } from '../directory/roles/rules/roles.ts';
import { type Change, personOf } from './change-queries.ts';
import type { Names, PastMembers } from './queries.ts';
import type { PastRights } from './rules/past-user.ts';
import type { PastGroupRow } from './store/states.ts';

/** Times of history have microseconds or an offset; answers have milliseconds in UTC. */
const iso = (text: string): string => new Date(text).toISOString();

/** @returns a user as of a moment, as answers show it */
export function presentPastUser({ rights, row, memberships }: PastRights, names: Names) {
  const effective = effectiveRole(rights);
  const { deletedAt, source, createdAt } = row.state;
  return {
    ...personOf(row.id, names),
    status: deletedAt === null ? rights.status : 'deleted',
    role: rights.role,
    effectiveRole: effective,
    accessTier: accessTier(effective, rights.owner),
    owner: rights.owner,
    elevations: rights.elevations.map(({ id, role, expiresAt }) => ({ id, role, expiresAt })),
    groups: memberships.map(({ group, membership, state }) => ({
      id: group,
      name: state.name,
      role: state.role,
      inGroupRole: membership.inGroupRole,
      sources: [...membership.sources],
      addedAt: iso(membership.addedAt),
      suspended: rights.status === 'inactive',
    })),
    source,
    createdAt: iso(createdAt),
    deletedAt: deletedAt === null ? null : iso(deletedAt),
  };
}

/** @returns a group as of a moment */
export function presentPastGroup({ id, state, memberCount, suspendedMemberCount }: PastGroupRow) {
  const { name, description, role, source, autoAssignPattern = null, createdAt } = state;
  return {
    id,
    name,
    description,
    role,
    source,
    autoAssignPattern,
    memberCount,
    suspendedMemberCount,
    createdAt: iso(createdAt),
  };
}

/** @returns the members of a group as of a moment */
export function presentPastMembers({ members, names }: PastMembers) {
  return members.map(({ id, membership, state }) => ({
    user: personOf(id, names),
    status: state.status,
    suspended: state.status === 'inactive',
    inGroupRole: membership.inGroupRole,
    sources: [...membership.sources],
    addedAt: iso(membership.addedAt),
  }));
}

/** @returns the event that a change comes from */
export function presentCause(cause: Change['cause']) {
  if (cause === null) return null;
  const { row, actor, summary } = cause;
  return {
    eventId: row.id,
    at: row.at,
    actor: presentParty(actor),
    via: row.via,
    sentence: summary,
    reason: row.reason,
  };
}

/** Counts that only our statements compare. */
const INTERNAL: ReadonlySet<string> = new Set(['deactivations']);

/** A state as answers show it; null where there was none. */
function presentState(state: unknown): unknown {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return state;
  return Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => !INTERNAL.has(name))
      .map(([name, value]) => [name, name.endsWith('At') && typeof value === 'string' ? iso(value) : value]),
  );
}

/** @returns a change as answers and exports show it */
export function presentChange({ row, effects, sentence, user, group, cause }: Change) {
  return {
    at: iso(row.at),
    kind: row.kind,
    effects: [...effects],
    sentence,
    user: user,
    group: group,
    before: presentState(row.before),
    after: presentState(row.after),
    cause: presentCause(cause),
  };
}
