import type { Executor } from '../../platform/db/statement.ts';
import type { OrgId, UserId } from '../ids.ts';
import type { Role } from '../users/user.ts';
import { effectiveRole } from './authority.ts';
import { type AccessTier, accessTier } from './rules/roles.ts';
import { findRightsOf } from './store.ts';

/** What a user may do, in three words. */
export interface Access {
  readonly role: Role;
  readonly effectiveRole: Role;
  readonly accessTier: AccessTier;
}

/** The access of some users at a time; users who are not there are left out. @param now ISO 8601 */
export async function accessOf(
  db: Executor,
  org: OrgId,
  ids: readonly UserId[],
  now: string,
): Promise<ReadonlyMap<UserId, Access>> {
  const found = await findRightsOf(db, org, ids, now);
  return new Map(
    found.map((rights) => {
      const effective = effectiveRole(rights);
      return [
        rights.id,
        { role: rights.role, effectiveRole: effective, accessTier: accessTier(effective, rights.owner) },
      ];
    }),
  );
}
