import type { Database } from '../platform/db/database.ts';
import type { Executor } from '../platform/db/statement.ts';
import { DomainError } from './errors.ts';
import type { OrgId } from './ids.ts';
import { activeOwnerExists, lockOrganization } from './organizations/store/owners.ts';

/** Rules that span rows which no version guards. A change that can break one names it. */
export type Postcondition = 'an_owner_is_active' | 'roles_are_permitted';

/**
 * Commits a write. Without post-conditions that is one statement; with them a transaction takes the
 * organization's lock, writes, checks, and rolls back if one does not hold. That roles are permitted is checked by the
 * write itself, which sees the rights that no other user can change meanwhile.
 * @throws DomainError `last_owner`
 */
export async function commit<Result>(
  db: Database,
  org: OrgId,
  postconditions: readonly Postcondition[],
  write: (executor: Executor) => Promise<Result>,
): Promise<Result> {
  if (postconditions.length === 0) return write(db);
  return db.transaction(org, async (tx) => {
    await lockOrganization(tx, org);
    const result = await write(tx);
    if (postconditions.includes('an_owner_is_active')) await requireAnActiveOwner(tx, org);
    return result;
  });
}

/**
 * Checks, under the organization's lock and after the write, that a user is still in charge (guard rule 2).
 * @throws DomainError `last_owner`
 */
export async function requireAnActiveOwner(tx: Executor, org: OrgId): Promise<void> {
  if (await activeOwnerExists(tx, org)) return;
  throw new DomainError(
    'last_owner',
    'This is the last active owner of the organization: make another user an owner first.',
  );
}
