import type { CommandContext } from '../command-runner.ts';
import { DomainError } from '../errors.ts';
import type { ConnectionId } from '../ids.ts';
import type { Authority } from '../roles/authority.ts';
import { requireSignInRight } from '../roles/rules/guards.ts';
import { MAX_KEY_LENGTH } from '../rules/comparison-keys.ts';
import { changedAttributes } from './rules/differences.ts';
import { type ProfilePatch, patchProfile, type ReadProfile } from './rules/profile-patch.ts';
import { changeProfile } from './store/edits.ts';
import { findDirectoryProfile, writeExternalId } from './store/profiles.ts';
import { requireOwnField } from './target.ts';
import type { DirectoryUser } from './user.ts';

/** What a connection is to call a user from now on; null if nothing. */
export interface ExternalIdInput {
  readonly connection: ConnectionId;
  readonly externalId: string | null;
}

/**
 * Changes a user's profile in a command's transaction.
 * @returns the names of the attributes that changed
 * @throws DomainError `managed_by_directory`, `invalid_profile`
 */
export async function editProfile(
  { tx, org, at, recordEvent }: CommandContext,
  by: Authority,
  user: DirectoryUser,
  patch: ProfilePatch,
  { read, force }: { readonly read: ReadProfile; readonly force: boolean },
): Promise<readonly string[]> {
  let attributes: readonly string[] = [];
  await changeProfile(
    tx,
    org,
    user.id,
    (before) => {
      const after = patchProfile(before, patch, read);
      attributes = changedAttributes(before, after);
      if (attributes.length === 0) return before;
      requireOwnField(by, user, 'profile', force);
      return after;
    },
    at,
  );
  if (attributes.length > 0) {
    recordEvent({ action: 'user.updated', target: ['user', user.id], changes: { attributes } });
  }
  return attributes;
}

/**
 * Changes what connections that provision a user call them. A single sign-on finds the user by it, so it needs the
 * right to change the sign-in address; and only provisioning begins to provision a user, so no link is made here.
 * @throws DomainError `managed_by_directory`, `unknown_connection`, `value_too_long`, `forbidden`, `self_change`
 */
export async function editExternalIds(
  { tx, org, at, recordEvent }: CommandContext,
  by: Authority,
  user: DirectoryUser,
  given: readonly ExternalIdInput[],
  force: boolean,
): Promise<void> {
  const { externalIds: present } = await findDirectoryProfile(tx, org, user.id);
  let isChanged = false;
  for (const { connection, externalId } of given) {
    const link = present.find(({ connectionId }) => connectionId === connection);
    if (link === undefined) {
      throw new DomainError(
        'unknown_connection',
        `No SCIM connection ${connection} provisions this user: name one of the externalIds of GET /users/{id}.`,
      );
    }
    if (link.externalId === externalId) continue;
    if (externalId !== null && externalId.length > MAX_KEY_LENGTH) {
      throw new DomainError('value_too_long', `externalId has more than ${MAX_KEY_LENGTH} characters.`);
    }
    requireSignInRight(by, user);
    requireOwnField(by, user, 'externalId', force);
    await writeExternalId(tx, org, user.id, connection, externalId, at);
    isChanged = true;
  }
  if (!isChanged) return;
  const changes = { attributes: ['externalId'] };
  recordEvent({ action: 'user.updated', target: ['user', user.id], changes });
}
