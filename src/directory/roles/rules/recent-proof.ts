import { DomainError } from '../../errors.ts';
import type { Authority } from '../authority.ts';

/** How long a proof of identity counts for commands that require one. */
const STEP_UP_MINUTES = 5;

/** Whether a proof of this time still counts. @param at milliseconds */
export const isRecentProof = (at: number, now: Date): boolean =>
  now.getTime() - at < STEP_UP_MINUTES * 60_000;

/**
 * Requires that the caller has proved who they are in the last five minutes: with their password, with a step-up token,
 * or at their identity provider (R90).
 * @throws DomainError `step_up_required`
 */
export function requireRecentProof({ provedAt }: Pick<Authority, 'provedAt'>, now: Date): void {
  if (provedAt !== undefined && isRecentProof(Date.parse(provedAt), now)) return;
  throw new DomainError(
    'step_up_required',
    'Confirm with your password: send "password", or the token of POST /auth/step-up. ' +
      'Without a password, confirm at your identity provider: POST /auth/step-up/sso.',
  );
}
