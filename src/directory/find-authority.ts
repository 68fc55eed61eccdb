import type { Executor } from '../platform/statement.ts';
import type { Origin } from './actor.ts';
import { type Authority, scopeOf } from './authority.ts';
import type { OrgId, UserId } from './ids.ts';
import type { Permission } from './rules/permissions.ts';
import { findRights } from './store/rights.ts';

/** Somebody who asked for something that is done later, in their name. */
export interface Principal {
  readonly user: UserId;
  readonly origin: Origin;
  /** What their key was limited to; null for a session. */
  readonly scopes: readonly Permission[] | null;
}

/** What to keep of the one who asks, so that `findAuthority` finds them again. */
export function principalOf({ rights, origin, scopes }: Authority): Principal {
  return { user: rights.id, origin, scopes: scopes === undefined ? null : [...scopes] };
}

/**
 * What a principal may do now, however long ago they asked.
 * @param needs a permission for the whole organization, without which they may not do it at all
 * @param now ISO 8601
 * @returns undefined if they are gone, not active, or lack it
 */
export async function findAuthority(
  db: Executor,
  org: OrgId,
  { user, origin, scopes }: Principal,
  needs: Permission,
  now: string,
): Promise<Authority | undefined> {
  const rights = await findRights(db, org, user, now);
  if (rights === undefined || rights.status !== 'active') return undefined;
  const by: Authority = {
    org,
    rights,
    scopes: scopes === null ? undefined : new Set(scopes),
    origin,
    actor: origin.actor,
  };
  return scopeOf(by, needs) === 'all' ? by : undefined;
}
