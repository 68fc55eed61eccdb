import { rightsOf } from '../../access/service-accounts/service-account.ts';
import { findServiceAccount } from '../../access/service-accounts/store.ts';
import type { Executor } from '../../platform/db/statement.ts';
import { findLiveLink } from '../../set-up-links/store.ts';
import type { Actor, Origin } from '../actor.ts';
import type { OrgId, UserId } from '../ids.ts';
import { type Authority, scopeOf } from './authority.ts';
import type { Permission } from './rules/permissions.ts';
import { findRights } from './store.ts';

/** A user who asked for something that is done later, in their name. */
export interface Principal {
  readonly user: UserId;
  readonly origin: Origin;
  /** What their key was limited to; null for a session. */
  readonly scopes: readonly Permission[] | null;
}

/** What to keep of the caller, so that `findAuthority` finds them again. */
export function principalOf({ rights, origin, scopes }: Authority): Principal {
  return { user: rights.id, origin, scopes: scopes === undefined ? null : [...scopes] };
}

/**
 * The rights of a user, a service account or a set-up link as they are now.
 * @param now ISO 8601
 * @returns undefined if there is no such user or account
 */
export async function findCurrentRights(
  db: Executor,
  org: OrgId,
  id: UserId,
  actor: Actor,
  now: string,
): Promise<Pick<Authority, 'rights' | 'accountOwner' | 'setUpLink'> | undefined> {
  if (actor.type === 'service_account') {
    const account = await findServiceAccount(db, org, actor.id, now);
    return account === undefined ? undefined : { rights: rightsOf(account), accountOwner: account.owner?.id };
  }
  if (actor.type === 'set_up_link') {
    const link = await findLiveLink(db, org, actor.id, now);
    const maker = link && (await findRights(db, org, link.creator, now));
    // What only owners may do, they do themselves.
    return maker && { rights: { ...maker, owner: false }, setUpLink: link };
  }
  const rights = await findRights(db, org, id, now);
  return rights === undefined ? undefined : { rights };
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
  const current = await findCurrentRights(db, org, user, origin.actor, now);
  if (current?.rights.status !== 'active') return undefined;
  const by: Authority = {
    org,
    ...current,
    scopes: scopes === null ? undefined : new Set(scopes),
    origin,
    actor: origin.actor,
  };
  return scopeOf(by, needs) === 'all' ? by : undefined;
}
