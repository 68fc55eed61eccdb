import type { GroupGrant } from '../../directory/groups/store/grants.ts';
import type { UserId } from '../../directory/ids.ts';
import type { Rights } from '../../directory/roles/authority.ts';
import type { PastElevationRow, PastMembershipRow, PastUserRow } from '../store/states.ts';

/** What a user was at a moment: their rights as they were then, and what gave them. */
export interface PastRights {
  readonly rights: Rights;
  readonly row: PastUserRow;
  readonly memberships: readonly PastMembershipRow[];
}

/**
 * Joins what history says of users at a moment. Elevations that a deactivation ended are left out, as they are when the
 * present is asked: it is counted in both.
 */
export function rightsAt(
  users: readonly PastUserRow[],
  memberships: readonly PastMembershipRow[],
  elevations: readonly PastElevationRow[],
): PastRights[] {
  const groupsOf = byUser(memberships);
  const elevationsOf = byUser(elevations);
  return users.map((row) => {
    const { id, state } = row;
    const own = groupsOf.get(id) ?? [];
    const rights: Rights = {
      id,
      status: state.status,
      role: state.role,
      owner: state.owner,
      groupRoles: own.map(({ group, membership, state: past }) => ({
        group,
        name: past.name,
        inGroupRole: membership.inGroupRole,
        role: past.role ?? undefined,
      })),
      elevations: (elevationsOf.get(id) ?? [])
        .filter(({ state: elevation }) => elevation.deactivations === state.deactivations)
        .map(({ id: elevation, state: past }) => ({
          id: elevation,
          role: past.role,
          expiresAt: new Date(past.expiresAt as string).toISOString(),
        })),
    };
    return { rights, row, memberships: own };
  });
}

function byUser<Row extends { readonly user: UserId }>(rows: readonly Row[]): Map<UserId, Row[]> {
  const found = new Map<UserId, Row[]>();
  for (const row of rows) {
    const own = found.get(row.user);
    if (own === undefined) found.set(row.user, [row]);
    else own.push(row);
  }
  return found;
}

/** What the groups of a user let them do at a moment. @param nameOf what a resource is called today */
export function grantsAt(
  { rights, memberships }: PastRights,
  nameOf: (resource: string) => string | null,
): GroupGrant[] {
  if (rights.status !== 'active') return [];
  return memberships.flatMap(({ group, state, grants }) =>
    (grants ?? []).map((grant) => ({
      ...grant,
      group: { id: group, name: state.name },
      resourceName: grant.resourceId === null ? null : nameOf(grant.resourceId),
    })),
  );
}

/** What an erased person is called: the id identifies no one any more. */
export function pseudonymOf(id: string): string {
  return `Erased person ${id.slice(-4)}`;
}
