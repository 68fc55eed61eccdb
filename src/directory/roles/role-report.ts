import type { Database } from '../../platform/db/database.ts';
import type { OrgId, UserId } from '../ids.ts';
import { type RoleEffect, type RoleTotals, totalsOf } from '../rules/role-effects.ts';
import type { Reference } from '../users/reference.ts';
import { findReferences } from '../users/store/references.ts';
import type { Role } from '../users/user.ts';
import { effectiveRole } from './authority.ts';
import { compareRoles } from './rules/roles.ts';
import { findRightsOf } from './store.ts';

/** A user who would have another direct role, or none. */
export interface MovedUser {
  readonly id: UserId;
  /** null: without rights */
  readonly role: Role | null;
  /** One sentence. */
  readonly because: string;
}

/** A user whose effective role would change. */
export interface ReportedUser extends RoleEffect {
  readonly user: Reference;
  readonly because: string;
}

/** What would become of effective roles. */
export interface RoleReport {
  readonly roles: RoleTotals;
  /** Administrators first; 200 at most. */
  readonly people: readonly ReportedUser[];
}

const MOST_PEOPLE = 200;

/**
 * What changes of direct roles would do to effective roles, which groups and temporary roles may keep as they are.
 * @param moved each user once @param now ISO 8601
 */
export async function reportRoles(
  db: Database,
  org: OrgId,
  moved: readonly MovedUser[],
  now: string,
): Promise<RoleReport> {
  const rights = await findRightsOf(
    db,
    org,
    moved.map(({ id }) => id),
    now,
  );
  const known = new Map(rights.map((each) => [each.id, each]));
  const effects = moved.flatMap(({ id, role, because }) => {
    const present = known.get(id);
    if (present === undefined) return [];
    const before = present.status === 'inactive' ? null : effectiveRole(present);
    const after = role === null || before === null ? null : effectiveRole({ ...present, role });
    return before === after ? [] : [{ id, because, before, after }];
  });
  const highest = (effect: RoleEffect) => effect.before ?? 'readonly';
  const shown = [...effects]
    .sort((left, right) => compareRoles(highest(right), highest(left)))
    .slice(0, MOST_PEOPLE);
  const names = await findReferences(
    db,
    org,
    shown.map(({ id }) => id),
  );
  const people = shown.flatMap(({ id, ...effect }) => {
    const user = names.get(id);
    return user === undefined ? [] : [{ user, ...effect }];
  });
  return { roles: totalsOf(effects), people };
}
