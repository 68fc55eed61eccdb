import type { Database } from '../platform/db/database.ts';
import type { Executor } from '../platform/db/statement.ts';
import { DomainError } from './errors.ts';
import type { OrgId, UserId } from './ids.ts';
import { activeOwnerExists, lockOrganization } from './organizations/store/owners.ts';

/**
 * The permission to write a user's role, status, ownership or removal. Every store function that can take an owner
 * away requires one, and only this file makes them (ADR 0034): a command that forgets the check does not compile.
 */
class OwnerGuard {
  /** Private, so that no other value has this type. */
  readonly #user: UserId;

  constructor(user: UserId) {
    this.#user = user;
  }

  /** The user who may be written. */
  get user(): UserId {
    return this.#user;
  }
}

export type { OwnerGuard };

/**
 * Lets a command write one user, and has an active owner be left when the command ends (guard rule 2).
 * @param user whom the command writes
 * @param isOwner whether the write can take an owner away; false checks nothing
 */
export type RequireActiveOwner = (user: UserId, isOwner: boolean) => OwnerGuard;

/**
 * Runs what may take owners away, under the organization's lock, and checks afterwards that an active owner is left.
 * @throws DomainError `last_owner`; whatever `work` throws
 */
export async function keepingAnOwner<Result>(
  tx: Executor,
  org: OrgId,
  work: (requireActiveOwner: RequireActiveOwner) => Promise<Result>,
): Promise<Result> {
  let isRequired = false;
  const result = await work((user, isOwner) => {
    isRequired ||= isOwner;
    return new OwnerGuard(user);
  });
  if (isRequired) await requireAnActiveOwner(tx, org);
  return result;
}

/** What a write of one user can break that spans rows which no version guards. */
export interface WriteRisks {
  readonly user: UserId;
  /** The user is an active owner, and is none afterwards. */
  readonly ownerLeaves: boolean;
  /** The role becomes another; the write itself checks that it is permitted, and needs the lock for that. */
  readonly roleChanges: boolean;
}

/**
 * What must hold after a write, and rolls it back if it does not; undefined where nothing has to.
 * @throws DomainError
 */
export type AfterWrite = ((tx: Executor) => Promise<void>) | undefined;

/**
 * Commits a write of one user. Without risks that is one statement; with them a transaction takes the
 * organization's lock, writes, checks, and rolls back if the organization has no active owner left.
 * @throws DomainError `last_owner`
 */
export async function commit<Result>(
  db: Database,
  org: OrgId,
  { user, ownerLeaves, roleChanges }: WriteRisks,
  write: (executor: Executor, guard: OwnerGuard) => Promise<Result>,
  after?: AfterWrite,
): Promise<Result> {
  const isLocked = ownerLeaves || roleChanges;
  if (!isLocked && after === undefined) return write(db, new OwnerGuard(user));
  return db.transaction(org, async (tx) => {
    if (isLocked) await lockOrganization(tx, org);
    const result = await keepingAnOwner(tx, org, (requireActiveOwner) =>
      write(tx, requireActiveOwner(user, ownerLeaves)),
    );
    // A write that lost its race has changed nothing.
    if (result !== undefined && result !== false) await after?.(tx);
    return result;
  });
}

/** @throws DomainError `last_owner` */
async function requireAnActiveOwner(tx: Executor, org: OrgId): Promise<void> {
  if (await activeOwnerExists(tx, org)) return;
  throw new DomainError(
    'last_owner',
    'This is the last active owner of the organization: make another user an owner first.',
  );
}
