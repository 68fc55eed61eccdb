import type { CommandContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { findCurrentRights } from '../directory/roles/find-authority.ts';
import { requireSignInRight, requireWithinLimit } from '../directory/roles/rules/guards.ts';
import { addressVariants } from '../directory/users/rules/address-variants.ts';
import { requireOwnField } from '../directory/users/target.ts';
import type { DirectoryUser } from '../directory/users/user.ts';
import { hasDeletedAddress } from '../lifecycle/store/tombstones.ts';
import { passwordIsAllowed } from '../sign-in/enforcement.ts';
import { hasInactiveVariant } from '../sso/store/logins.ts';
import { isEmailTaken } from './store.ts';

/** @throws DomainError `email_taken`, `conflict` for the address that the user has */
export async function requireFreeAddress(
  { tx, org }: CommandContext,
  user: DirectoryUser,
  email: string,
): Promise<void> {
  if (email === user.email) throw new DomainError('conflict', 'The user has this address already.');
  if (await isEmailTaken(tx, org, user.id, email)) throw new DomainError('email_taken', 'Duplicate email');
}

/**
 * Rejects an address of a deactivated or deleted user, a variant of one (ADR 0020), and one that would make
 * a password valid again although single sign-on is enforced.
 * @throws DomainError `email_taken`, `sso_enforced`
 */
export async function requireOwnChoice(
  { tx, org }: CommandContext,
  user: DirectoryUser,
  email: string,
): Promise<void> {
  const variants = addressVariants(email);
  if ((await hasInactiveVariant(tx, org, variants)) || (await hasDeletedAddress(tx, org, variants))) {
    throw new DomainError(
      'email_taken',
      'This address belonged to a user who was deactivated or deleted: ask an administrator to change yours.',
    );
  }
  const holder = { org, owner: user.owner };
  const isEnforced = !(await passwordIsAllowed(tx, { ...holder, email: user.email }));
  if (isEnforced && (await passwordIsAllowed(tx, { ...holder, email }))) {
    throw new DomainError(
      'sso_enforced',
      'You sign in at your identity provider: ask an administrator to give you an address of another domain.',
    );
  }
}

/**
 * Checks that the user or service account that requested a change may still do so: a link is valid for a day,
 * and its mailbox may be that of an administrator who was deactivated meanwhile.
 * @throws DomainError that says why not
 */
export async function requireCurrentPermission(
  context: CommandContext,
  user: DirectoryUser,
  requestedBy: UserId,
  email: string,
): Promise<void> {
  if (requestedBy === user.id) {
    if (user.managed) throw new DomainError('managed_by_directory', 'Your directory manages your address.');
    await requireOwnChoice(context, user, email);
    return;
  }
  const by = await findRequester(context, requestedBy);
  requireSignInRight(by, user);
  requireWithinLimit(by, user, (await findSettings(context.tx, context.org)).settings);
  requireOwnField(by, user, 'address', true);
}

async function findRequester({ tx, org, at, envelope }: CommandContext, id: UserId): Promise<Authority> {
  const actors = [
    { type: 'user', id, via: 'api' },
    { type: 'service_account', id, key: id, via: 'api' },
  ] as const;
  for (const actor of actors) {
    const current = await findCurrentRights(tx, org, id, actor, at);
    if (current !== undefined) {
      return { org, ...current, scopes: undefined, actor, origin: { actor, requestId: envelope().idBase } };
    }
  }
  throw new DomainError('not_found', 'The user who asked for the change is deleted.');
}
