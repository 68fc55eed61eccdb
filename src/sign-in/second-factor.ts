import type { Administer } from '../directory/command-runner.ts';
import { Refusal } from '../directory/errors.ts';
import type { UserId } from '../directory/ids.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { tellChanges } from '../directory/roles/commands.ts';
import { demandManage } from '../directory/roles/rules/guards.ts';
import { loadPerson } from '../directory/users/target.ts';
import type { Seal } from '../platform/secret-box.ts';
import { TOTP_PURPOSE } from './password-sign-in.ts';
import { endAndNote } from './session-commands.ts';
import { confirmTotp, deleteTotp, findPendingTotp, writeTotpSecret } from './store/second-factors.ts';
import { hashRecoveryCode, makeRecoveryCodes, makeTotpSecret, totpStep, totpUri } from './totp.ts';

/** What an authenticator app is to be told; shown once. */
export interface Enrolment {
  readonly secret: string;
  readonly uri: string;
}

export interface SecondFactorCommands {
  /** Makes a secret, which counts once it is confirmed. @throws Refusal `already_enrolled` */
  enrol(by: Authority): Promise<Enrolment>;
  /**
   * Confirms it with a first code, which is used up by that.
   * @returns the recovery codes, shown once
   * @throws Refusal `not_enrolled`, `code_invalid`
   */
  confirm(by: Authority, code: string): Promise<readonly string[]>;
  /** @throws Refusal `not_enrolled` */
  disable(by: Authority): Promise<void>;
  /**
   * Takes the authenticator app of somebody who has lost it, and ends their sessions.
   * @throws Refusal `not_found`, `forbidden`, `self_change`, `not_enrolled`
   */
  reset(by: Authority, user: UserId): Promise<void>;
}

/** Builds the commands about authenticator apps. */
export function createSecondFactor({
  administer,
  seal,
}: {
  readonly administer: Administer;
  readonly seal: Seal;
}): SecondFactorCommands {
  return {
    enrol: (by) =>
      administer.as(by, async (work, actor) => {
        const { tx, org } = work;
        const { email } = await loadPerson(work, actor.rights.id);
        const { organization } = await findSettings(tx, org);
        const secret = makeTotpSecret();
        if (!(await writeTotpSecret(tx, org, actor.rights.id, seal.seal(secret, TOTP_PURPOSE)))) {
          throw new Refusal('already_enrolled', 'You have an authenticator app: remove it first.');
        }
        return { secret, uri: totpUri(secret, email, organization) };
      }),

    confirm: (by, code) =>
      administer.as(by, async (work, actor) => {
        const { tx, org, at, time, note } = work;
        const user = actor.rights.id;
        const sealed = await findPendingTotp(tx, org, user);
        if (sealed === undefined) {
          throw new Refusal('not_enrolled', 'No authenticator app waits to be confirmed: add one first.');
        }
        const step = totpStep(seal.open(sealed, TOTP_PURPOSE), code, time);
        if (step === undefined) {
          throw new Refusal('code_invalid', 'The code is wrong: enter the one that the app shows now.');
        }
        const codes = makeRecoveryCodes();
        await confirmTotp(tx, org, user, step, codes.map(hashRecoveryCode), at);
        note({ action: 'second_factor.enabled', target: ['user', user] });
        const person = await loadPerson(work, user);
        await tellChanges(work, actor, person, ['Signing in asks for a code now'], { seal });
        return codes;
      }),

    disable: (by) =>
      administer.as(by, async (work, actor) => {
        const user = actor.rights.id;
        if (!(await deleteTotp(work.tx, work.org, user))) {
          throw new Refusal('not_enrolled', 'You have no authenticator app.');
        }
        work.note({ action: 'second_factor.disabled', target: ['user', user] });
        const person = await loadPerson(work, user);
        await tellChanges(work, actor, person, ['Signing in no longer asks for a code'], { seal });
      }),

    reset: (by, user) =>
      administer.as(by, async (work, actor) => {
        const person = await loadPerson(work, user);
        demandManage(actor, person, 'whole account');
        if (!(await deleteTotp(work.tx, work.org, user))) {
          throw new Refusal('not_enrolled', 'This user has no authenticator app.');
        }
        work.note({ action: 'second_factor.disabled', target: ['user', user] });
        const changes = ['Signing in no longer asks for a code'];
        if ((await endAndNote(work, user, {})) > 0) changes.push('You were signed out everywhere');
        await tellChanges(work, actor, person, changes, { seal });
      }),
  };
}
