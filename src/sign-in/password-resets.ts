import type { Client, Origin } from '../directory/actor.ts';
import type { UnlockedContext } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireSignInRight, requireWithinLimit } from '../directory/roles/rules/guards.ts';
import { caseKey } from '../directory/rules/comparison-keys.ts';
import type { UserDependencies } from '../directory/users/dependencies.ts';
import { loadDirectoryUser } from '../directory/users/target.ts';
import type { DirectoryUser } from '../directory/users/user.ts';
import { sendMail } from '../notifications/mails.ts';
import { hashToken, makeOpaqueToken } from '../platform/opaque-token.ts';
import { passwordIsAllowed } from './enforcement.ts';
import type { GuessLimits } from './guess-limits.ts';
import { createKnownDevices } from './known-devices.ts';
import { checkPassword, hashPassword } from './passwords.ts';
import { findPasswordReset, insertPasswordReset, usePasswordReset } from './store/password-resets.ts';
import {
  type Candidate,
  findCandidate,
  findCandidates,
  holdCandidate,
  writePasswordHash,
} from './store/passwords.ts';
import { endSessions } from './store/sessions.ts';
import { createThrottle, withMinimumDuration } from './throttle.ts';

/** How long a link to choose a password works. */
export const RESET_MINUTES = 60;

export interface PasswordResets {
  /** Mails a link to the user with this address; does not reveal whether there is one. @throws DomainError `throttled` */
  requestReset(email: string, client: Client, requestId: string): Promise<void>;
  /**
   * Mails a link to a user; needs `users:manage` of the whole organization.
   * @returns until when it works
   * @throws DomainError `not_found`, `forbidden`, `self_change`, `role_above_limit`, `target_inactive`, `sso_enforced` for
   *   a user who signs in at a provider only, `throttled`
   */
  sendReset(by: Authority, id: UserId): Promise<{ readonly expiresAt: string }>;
  /**
   * Sets a new password. Whoever has the link reads the user's mail: the device is known from now on, so that wrong
   * passwords from elsewhere do not keep it out.
   * @returns the value of the device cookie
   * @throws DomainError `reset_expired`, `weak_password`
   */
  resetPassword(
    token: string,
    password: string,
    client: Client,
    requestId: string,
  ): Promise<{ readonly device: string }>;
}

/** Builds the commands for forgotten passwords. */
export function createPasswordResets(
  { db, now, runner, seal, links }: UserDependencies,
  limits: GuessLimits,
): PasswordResets {
  const throttle = createThrottle(db, 'reset');
  const devices = createKnownDevices(seal);

  const mailLinks = async (email: string, client: Client, requestId: string): Promise<void> => {
    const origin: Origin = {
      actor: { type: 'anonymous', id: 'anonymous', via: 'sign_in' },
      requestId,
      client,
    };
    for (const candidate of await findCandidates(db, caseKey(email.trim()))) {
      if (candidate.status !== 'active' || !candidate.mayReset) continue;
      if (!(await passwordIsAllowed(db, candidate))) continue;
      const token = makeResetToken();
      await runner.withoutLock(candidate.org, origin, (context) => mailLink(context, candidate, token));
    }
  };

  /** @returns until when the link works */
  const mailLink = async (
    { tx, org, at, time, newId, recordEvent }: UnlockedContext,
    { id: user, email: to, organization }: Candidate,
    token: string,
  ): Promise<string> => {
    const expiresAt = new Date(time.getTime() + RESET_MINUTES * 60_000).toISOString();
    await insertPasswordReset(tx, org, { id: newId(), user, hash: hashToken(token), expiresAt }, at);
    recordEvent({ action: 'password.reset_requested', target: ['user', user] });
    const mail = { template: 'password_reset', to, organization, link: links.passwordReset(token) } as const;
    await sendMail(tx, seal, org, newId(), { ...mail, expiresAt });
    return expiresAt;
  };

  return {
    requestReset: async (email, client, requestId) => {
      await throttle.enter(email.trim(), client.ip, now());
      await withMinimumDuration(() => mailLinks(email, client, requestId));
    },

    sendReset: (by, id) =>
      runner.runAs(by, async (context, actor) => {
        const user = await loadDirectoryUser(context, id);
        requireSignInRight(actor, user);
        requireWithinLimit(actor, user, (await findSettings(context.tx, context.org)).settings);
        if (user.status !== 'active') throw notActive(user);
        const candidate = await findCandidate(context.tx, context.org, id);
        if (
          candidate === undefined ||
          !candidate.mayReset ||
          !(await passwordIsAllowed(context.tx, candidate))
        ) {
          throw new DomainError(
            'sso_enforced',
            'This user signs in at your identity provider, without a password.',
          );
        }
        // Counted with the mail: a rejected request does not use up a limit.
        await createThrottle(context.tx, 'reset').enter(id, undefined, context.time);
        return { expiresAt: await mailLink(context, candidate, makeResetToken()) };
      }),

    resetPassword: async (token, password, client, requestId) => {
      const [row] = await findPasswordReset(db, hashToken(token), now().toISOString());
      if (row === undefined) throw resetExpired();
      checkPassword(password, row.email);
      const hash = await hashPassword(password);
      const origin: Origin = { actor: { type: 'user', id: row.user, via: 'sign_in' }, requestId, client };
      await runner.withOrganization(row.org, origin, async ({ tx, org, at, recordEvent }) => {
        // A sign-in with the old password that is under way ends before this, or sees the new one.
        await holdCandidate(tx, org, row.user);
        if (!(await usePasswordReset(tx, org, row.id, at))) throw resetExpired();
        await writePasswordHash(tx, org, row.user, hash, at);
        await endSessions(tx, org, row.user, {}, at);
        recordEvent({ action: 'password.changed', target: ['user', row.user] });
      });
      const device = devices.remember(client.device, row.email, now());
      await limits.forget({
        account: caseKey(row.email),
        ip: client.ip,
        device: devices.recognize(device, row.email, now()),
      });
      return { device };
    },
  };
}

const makeResetToken = () => `reset_${makeOpaqueToken()}`;

const notActive = ({ status }: DirectoryUser) =>
  new DomainError(
    'target_inactive',
    status === 'pending'
      ? 'This user has not accepted the invitation: send it again instead.'
      : 'Activate the user first.',
  );

const resetExpired = () =>
  new DomainError('reset_expired', 'This link has expired or was used: ask for another one.');
