import { countOwnedResources } from '../access/resources/store.ts';
import { listOwnedServiceAccounts } from '../access/service-accounts/store.ts';
import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import { takeLostMemberships } from '../directory/groups/store/memberships.ts';
import type { UserId } from '../directory/ids.ts';
import { type Authority, isOwner } from '../directory/roles/authority.ts';
import {
  forbidden,
  OWNERS_ONLY,
  requireOther,
  requireWholeOrganization,
  userNotFound,
} from '../directory/roles/rules/guards.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import { requireVersion } from '../directory/rules/versions.ts';
import type { UserDependencies } from '../directory/users/dependencies.ts';
import { INVALID_EMAIL, parseEmailAddress } from '../directory/users/rules/email-address.ts';
import { emailKeys, primaryEmail } from '../directory/users/rules/emails.ts';
import { findPurgeable, restoreUser } from '../directory/users/store/edits.ts';
import {
  findNameHolders,
  findProfile,
  holdDirectoryUser,
  type NameHolder,
  type StoredProfile,
} from '../directory/users/store/users.ts';
import { loadDirectoryUser, requireOwnField } from '../directory/users/target.ts';
import type { DirectoryUser } from '../directory/users/user.ts';
import { countOf } from '../platform/counts.ts';
import { wasMassChange } from '../provisioning/mass-change.ts';
import { deleteWaitingErasure, findDueErasures } from '../provisioning/store/removals.ts';
import { handOver, handOverAccounts } from './offboarding.ts';
import type { Restored } from './status.ts';
import { eraseUser, softDeleteUser } from './store/erasure.ts';

/** How a user is to go. */
export interface RemovalIntent {
  /** Who gets what the user owns. */
  readonly transferTo: UserId | undefined;
  readonly force: boolean;
  readonly ifMatch: readonly string[] | undefined;
}

export interface RemovalCommands {
  /** Hides a user and keeps everything (R88). @throws DomainError `owns_resources`, `last_owner`, `self_change` */
  softDelete(by: Authority, id: UserId, intent: RemovalIntent): Promise<void>;
  /** Removes a user completely, hidden already or not (R89). @throws DomainError as `softDelete` */
  erase(by: Authority, id: UserId, intent: RemovalIntent): Promise<void>;
  /**
   * Brings a hidden user back (R94).
   * @param email another address, for a user whose own another user has by now; undefined: the one they had
   * @returns the groups that they are not in again, since these were deleted meanwhile
   * @throws DomainError `not_deleted`, `email_taken`, `invalid_email`, `not_found`
   */
  restore(by: Authority, id: UserId, email: string | undefined): Promise<readonly Restored[]>;
  /** Erases who was hidden long enough; the schedule's. @returns how many went */
  purge(): Promise<number>;
}

/** Builds the commands that hide users, bring them back and erase them. */
export function createRemovalCommands({ db, now, runner }: UserDependencies): RemovalCommands {
  return {
    softDelete: (by, id, { transferTo, force, ifMatch }) =>
      runner.runProven(by, async (context, actor) => {
        const user = await loadDirectoryUser(context, id);
        requireDelete(actor, user, force);
        requireVersion('user', user.version, ifMatch);
        await softDeleteWithin(context, user, transferTo);
      }),

    erase: (by, id, { transferTo, force, ifMatch }) =>
      runner.runProven(by, async (context, actor) => {
        const user = await holdDirectoryUser(context.tx, context.org, id, context.at);
        if (user === undefined) throw userNotFound();
        requireDelete(actor, user, force);
        requireVersion('user', user.version, ifMatch);
        await requireNothingOwned(context, user, transferTo);
        await eraseWithin(context, user);
      }),

    restore: (by, id, email) =>
      runner.runAs(by, async (context, actor) => {
        requireWholeOrganization(actor, 'users:delete');
        return restoreWithin(context, actor, id, email);
      }),

    purge: async () => {
      const origin = {
        actor: { type: 'system', id: 'worker', via: 'schedule' },
        requestId: 'purge',
      } as const;
      let gone = 0;
      for (const { org, user: id, connection, deletedAt } of await findDueErasures(db, now().toISOString())) {
        await runner.withOrganization(org, origin, async (context) => {
          const { tx, at } = context;
          const user = await holdDirectoryUser(tx, org, id, at);
          await deleteWaitingErasure(tx, org, id);
          if (user?.deletedAt !== deletedAt || (await wasMassChange(tx, org, connection, deletedAt))) return;
          await eraseWithin(context, { id, owner: false });
          gone += 1;
        });
      }
      for (const { org, id } of await findPurgeable(db, now().toISOString())) {
        await runner.withOrganization(org, origin, async (context) => {
          const user = await holdDirectoryUser(context.tx, org, id, context.at);
          if (user?.deletedAt === undefined) return;
          await eraseWithin(context, { id, owner: false });
          gone += 1;
        });
      }
      return gone;
    },
  };
}

/**
 * Hides a user in a command's transaction.
 * @param user held by the transaction
 * @throws DomainError `owns_resources`, `last_owner`
 */
export async function softDeleteWithin(
  context: CommandContext,
  user: DirectoryUser,
  transferTo: UserId | undefined,
): Promise<void> {
  const { tx, org, envelope, requireActiveOwner } = context;
  await requireNothingOwned(context, user, transferTo);
  const stored = await findProfile(tx, org, user.id);
  const keys = emailKeys(stored?.profile ?? {});
  const guard = requireActiveOwner(user.id, user.owner);
  if (!(await softDeleteUser(tx, org, guard, stored?.version ?? 0, keys, envelope()))) throw userNotFound();
}

/**
 * Brings a hidden user back in a command's transaction.
 * @param email another address than the one that the user had
 * @returns the groups that were deleted meanwhile
 * @throws DomainError `not_deleted`, `email_taken`, `invalid_email`, `not_found`, `forbidden`
 */
export async function restoreWithin(
  { tx, org, at, recordEvent }: CommandContext,
  by: Authority,
  id: UserId,
  email: string | undefined,
): Promise<readonly Restored[]> {
  const user = await holdDirectoryUser(tx, org, id, at);
  const stored = await findProfile(tx, org, id);
  if (user === undefined || stored === undefined) throw userNotFound();
  if (user.deletedAt === undefined) throw new DomainError('not_deleted', 'This user is not deleted.');
  if (user.owner && !isOwner(by.rights)) throw forbidden(OWNERS_ONLY);
  const names = restoredNames(stored, email);
  const holders = await findNameHolders(tx, org, caseKey(names.userName), keyOf(names.email));
  if (holders.length > 0) throw addressTaken(holders);
  await restoreUser(tx, org, id, names, at);
  recordEvent({ action: 'user.restored', target: ['user', id] });
  return takeLostMemberships(tx, org, id);
}

/** The names under which a user comes back. A userName that was the address follows it. */
function restoredNames(
  { userName, profile }: StoredProfile,
  given: string | undefined,
): Omit<StoredProfile, 'version'> {
  const before = primaryEmail(profile, userName);
  if (given === undefined) return { userName, email: before, profile };
  const email = parseEmailAddress(given);
  if (email === undefined) throw new DomainError('invalid_email', INVALID_EMAIL);
  const isAddress = keyOf(before) === caseKey(userName);
  const emails = [{ value: email, type: 'work', primary: true }];
  return { userName: isAddress ? email : userName, email, profile: { ...profile, emails } };
}

const keyOf = (email: string | undefined) => (email === undefined ? undefined : caseKey(email));

function addressTaken(holders: readonly NameHolder[]): DomainError {
  const ids = holders.map(({ id }) => id).join(', ');
  return new DomainError(
    'email_taken',
    `Another user has this address or userName now (${ids}): restore this one under another address (send "email"), or delete the other one first.`,
  );
}

function requireDelete(by: Authority, user: DirectoryUser, force: boolean): void {
  requireWholeOrganization(by, 'users:delete');
  requireOther(by, user);
  if (user.owner && !isOwner(by.rights)) throw forbidden(OWNERS_ONLY);
  if (user.deletedAt === undefined) requireOwnField(by, user, 'account', force);
}

async function requireNothingOwned(
  context: CommandContext,
  user: DirectoryUser,
  transferTo: UserId | undefined,
): Promise<void> {
  if (transferTo !== undefined) {
    await handOver(context, user.id, transferTo, undefined);
    await handOverAccounts(context, user, transferTo);
  }
  const accounts = (await listOwnedServiceAccounts(context.tx, context.org, user.id)).length;
  if (accounts > 0) {
    throw new DomainError(
      'owns_resources',
      `This user answers for ${countOf(accounts, 'service account')}: transfer (transferTo) or delete them first.`,
    );
  }
  const owned = await countOwnedResources(context.tx, context.org, user.id);
  if (owned > 0) {
    throw new DomainError(
      'owns_resources',
      `This user owns ${countOf(owned, 'resource')}: transfer (transferTo) or delete them first.`,
    );
  }
}

/** @param user held by the transaction, so that the addresses are those of the profile that goes */
async function eraseWithin(
  context: CommandContext,
  user: Pick<DirectoryUser, 'id' | 'owner'>,
): Promise<void> {
  const profile = await findProfile(context.tx, context.org, user.id);
  const keys = emailKeys(profile?.profile ?? {});
  const guard = context.requireActiveOwner(user.id, user.owner);
  await eraseUser(context.tx, context.org, guard, undefined, keys, context.envelope());
}
