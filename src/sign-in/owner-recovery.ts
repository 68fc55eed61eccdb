import { createCommandRunner } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { OrgId, UserId } from '../directory/ids.ts';
import { loadDirectoryUser } from '../directory/users/target.ts';
import { setStatus } from '../lifecycle/status.ts';
import { linksOf } from '../notifications/mails.ts';
import type { Database } from '../platform/db/database.ts';
import { uuidv7 } from '../platform/ids.ts';
import { hashToken, makeOpaqueToken } from '../platform/opaque-token.ts';
import { RESET_MINUTES } from './password-resets.ts';
import { checkPassword, hashPassword } from './passwords.ts';
import { insertPasswordReset } from './store/password-resets.ts';
import { unlockAccount, writePasswordHash } from './store/passwords.ts';
import { deleteTotp } from './store/second-factors.ts';
import { endSessions } from './store/sessions.ts';

/** What to do for an owner who cannot sign in. */
export interface OwnerRecovery {
  /** The new password; undefined makes a link to choose one. */
  readonly password: string | undefined;
  readonly dropSecondFactor: boolean;
  readonly activate: boolean;
}

/** What was done. */
export interface RecoveredOwner {
  readonly email: string;
  readonly name: string | undefined;
  /** Undefined if a password was given. It works once, for RESET_MINUTES. */
  readonly link: string | undefined;
  readonly unlocked: boolean;
  readonly activated: boolean;
  readonly secondFactorDropped: boolean;
}

/**
 * Recovers an owner's access for an operator of the machine: unlocks the account, sets a password or creates a
 * link to choose one and, if requested, removes the second factor and activates the account.
 *
 * @param publicUrl what the link begins with
 * @throws DomainError `not_found`, `forbidden` for anyone but an owner, `conflict` for an inactive one without
 *   `activate`, `weak_password`
 */
export async function recoverOwner(
  { db, now, publicUrl }: { readonly db: Database; readonly now: () => Date; readonly publicUrl: string },
  org: OrgId,
  user: UserId,
  { password, dropSecondFactor, activate }: OwnerRecovery,
): Promise<RecoveredOwner> {
  const runner = createCommandRunner({ db, now });
  const hash = password === undefined ? undefined : await hashPassword(password);
  const origin = { actor: { type: 'system', id: 'cli', via: 'cli' }, requestId: uuidv7() } as const;
  return runner.withOrganization(org, origin, async (context) => {
    const { tx, at, time, newId, recordEvent } = context;
    const directoryUser = await loadDirectoryUser(context, user);
    const { email, name } = directoryUser;
    if (!directoryUser.owner) throw new DomainError('forbidden', `${email} is not an owner.`);
    if (password !== undefined) checkPassword(password, email);
    const activated = directoryUser.status !== 'active';
    if (activated && !activate) {
      throw new DomainError(
        'conflict',
        `${email} is ${directoryUser.status}: activate the account as well (--activate).`,
      );
    }
    if (activated) await setStatus(context, directoryUser, 'active');
    const unlocked = await unlockAccount(tx, org, user);
    if (unlocked) recordEvent({ action: 'user.unlocked', target: ['user', user] });
    const secondFactorDropped = dropSecondFactor && (await deleteTotp(tx, org, user));
    if (secondFactorDropped) recordEvent({ action: 'second_factor.disabled', target: ['user', user] });
    const done = { email, name, unlocked, activated, secondFactorDropped };
    if (hash !== undefined) {
      await writePasswordHash(tx, org, user, hash, at);
      recordEvent({ action: 'password.changed', target: ['user', user] });
      const ended = await endSessions(tx, org, user, {}, at);
      if (ended.length > 0) recordEvent({ action: 'session.ended', target: ['user', user] });
      return { ...done, link: undefined };
    }
    const token = `reset_${makeOpaqueToken()}`;
    const expiresAt = new Date(time.getTime() + RESET_MINUTES * 60_000).toISOString();
    await insertPasswordReset(tx, org, { id: newId(), user, hash: hashToken(token), expiresAt }, at);
    recordEvent({ action: 'password.reset_requested', target: ['user', user] });
    return { ...done, link: linksOf(publicUrl).passwordReset(token) };
  });
}
