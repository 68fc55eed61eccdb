import type { Authority } from '../directory/roles/authority.ts';
import type { UserDependencies } from '../directory/users/dependencies.ts';
import { createFailureRecord } from './failures.ts';
import { createGuessLimits } from './guess-limits.ts';
import { createPasswordResets, type PasswordResets } from './password-resets.ts';
import { createPasswordSignIn, type PasswordSignIn } from './password-sign-in.ts';
import { createPasswordChecks } from './passwords.ts';
import { createProofs, type ProofCommands } from './step-up.ts';
import { endSessions } from './store/sessions.ts';

export interface SignInCommands extends PasswordSignIn, ProofCommands, PasswordResets {
  /** Ends the session; nothing happens to one that has ended. */
  signOut(by: Authority, session: string): Promise<void>;
}

/** Builds the commands of signing in and of one's own password. */
export function createSignInCommands(dependencies: UserDependencies): SignInCommands {
  const { db, runner } = dependencies;
  const parts = {
    limits: createGuessLimits(db),
    checks: createPasswordChecks(),
    recordFailure: createFailureRecord(runner),
  };
  return {
    ...createPasswordSignIn(dependencies, parts),
    ...createProofs(dependencies, parts),
    ...createPasswordResets(dependencies, parts.limits),

    signOut: async (by, session) => {
      await runner.withoutLock(by.org, by.origin, async ({ tx, org, at, recordEvent }) => {
        const ended = await endSessions(tx, org, by.rights.id, { only: session }, at);
        if (ended.length > 0) recordEvent({ action: 'session.ended', target: ['user', by.rights.id] });
      });
    },
  };
}
