import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { CommandRunner } from '../directory/command-runner.ts';
import { DomainError } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireManage } from '../directory/roles/rules/guards.ts';
import { loadDirectoryUser } from '../directory/users/target.ts';
import { notifyOfChanges } from '../notifications/account-changed.ts';
import { hashToken } from '../platform/opaque-token.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { endSessionsAndRecord } from './sessions.ts';
import { confirmTotp, deleteTotp, findPendingTotp, writeTotpSecret } from './store/second-factors.ts';

/** What a sealed authenticator secret is for. */
export const TOTP_PURPOSE = 'totp';

/** What an authenticator app needs; shown once. */
interface Enrolment {
  readonly secret: string;
  readonly uri: string;
}

export interface SecondFactorCommands {
  /** Creates a secret, which takes effect once it is confirmed. @throws DomainError `already_enrolled` */
  enrol(by: Authority): Promise<Enrolment>;
  /**
   * Confirms it with a first code, which is used up by that.
   * @returns the recovery codes, shown once
   * @throws DomainError `not_enrolled`, `code_invalid`
   */
  confirm(by: Authority, code: string): Promise<readonly string[]>;
  /** @throws DomainError `not_enrolled` */
  disable(by: Authority): Promise<void>;
  /**
   * Takes the authenticator app of a user who has lost it, and ends their sessions.
   * @throws DomainError `not_found`, `forbidden`, `self_change`, `not_enrolled`
   */
  reset(by: Authority, user: UserId): Promise<void>;
}

/** Builds the commands about authenticator apps. */
export function createSecondFactor({
  runner,
  seal,
}: {
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
}): SecondFactorCommands {
  return {
    enrol: (by) =>
      runner.runProven(by, async (context, actor) => {
        const { tx, org } = context;
        const { email } = await loadDirectoryUser(context, actor.rights.id);
        const { organization } = await findSettings(tx, org);
        const secret = makeTotpSecret();
        if (!(await writeTotpSecret(tx, org, actor.rights.id, seal.seal(secret, TOTP_PURPOSE)))) {
          throw new DomainError('already_enrolled', 'You have an authenticator app: remove it first.');
        }
        return { secret, uri: totpUri(secret, email, organization) };
      }),

    confirm: (by, code) =>
      runner.runAs(by, async (context, actor) => {
        const { tx, org, at, time, recordEvent } = context;
        const user = actor.rights.id;
        const sealed = await findPendingTotp(tx, org, user);
        if (sealed === undefined) {
          throw new DomainError('not_enrolled', 'No authenticator app waits to be confirmed: add one first.');
        }
        const step = totpStep(seal.open(sealed, TOTP_PURPOSE), code, time);
        if (step === undefined) {
          throw new DomainError('code_invalid', 'The code is wrong: enter the one that the app shows now.');
        }
        const codes = makeRecoveryCodes();
        await confirmTotp(tx, org, user, step, codes.map(hashRecoveryCode), at);
        recordEvent({ action: 'second_factor.enabled', target: ['user', user] });
        const directoryUser = await loadDirectoryUser(context, user);
        await notifyOfChanges(context, actor, directoryUser, ['Signing in asks for a code now'], { seal });
        return codes;
      }),

    disable: (by) =>
      runner.runProven(by, async (context, actor) => {
        const user = actor.rights.id;
        if (!(await deleteTotp(context.tx, context.org, user))) {
          throw new DomainError('not_enrolled', 'You have no authenticator app.');
        }
        context.recordEvent({ action: 'second_factor.disabled', target: ['user', user] });
        const directoryUser = await loadDirectoryUser(context, user);
        await notifyOfChanges(context, actor, directoryUser, ['Signing in no longer asks for a code'], {
          seal,
        });
      }),

    reset: (by, user) =>
      runner.runProven(by, async (context, actor) => {
        const directoryUser = await loadDirectoryUser(context, user);
        requireManage(actor, directoryUser, 'whole account');
        if (!(await deleteTotp(context.tx, context.org, user))) {
          throw new DomainError('not_enrolled', 'This user has no authenticator app.');
        }
        context.recordEvent({ action: 'second_factor.disabled', target: ['user', user] });
        const changes = ['Signing in no longer asks for a code'];
        if ((await endSessionsAndRecord(context, user, {})) > 0)
          changes.push('You were signed out everywhere');
        await notifyOfChanges(context, actor, directoryUser, changes, { seal });
      }),
  };
}

const PERIOD = 30;
/** Steps that a phone's clock may be off, each way (RFC 6238 §5.2). */
const WINDOW = 1;
const RECOVERY_CODES = 10;

const totpOf = (secret: string, label = '', issuer = 'Rollcall') =>
  new TOTP({ issuer, label, secret: Secret.fromBase32(secret), period: PERIOD });

/** A new secret in base32, 160 bits. */
function makeTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** What an authenticator app reads: `otpauth://totp/…`. */
function totpUri(secret: string, email: string, organization: string): string {
  return totpOf(secret, email, organization).toString();
}

/** @returns the step that a code is of, or undefined if it is of none that is near */
export function totpStep(secret: string, code: string, now: Date): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = totpOf(secret).validate({ token: code, timestamp: now.getTime(), window: WINDOW });
  return delta === null ? undefined : Math.floor(now.getTime() / 1_000 / PERIOD) + delta;
}

/** Codes for the day the phone is lost: 10 of 80 bits each, to be shown once. */
function makeRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () =>
    (randomBytes(10).toString('hex').match(/.{5}/g) as string[]).join('-'),
  );
}

/** The form in which a recovery code is kept. */
export function hashRecoveryCode(code: string): Buffer {
  return hashToken(code.trim().toLowerCase());
}
