import { DomainError } from '../../directory/errors.ts';
import type { Settings } from '../../directory/organizations/settings.ts';
import { type Authority, effectiveRole, type Rights } from '../../directory/roles/authority.ts';
import { compareRoles } from '../../directory/roles/rules/roles.ts';
import type { Role } from '../../directory/users/user.ts';

/** docs/roles.md §5. */
const LONGEST_HOURS = 24;
const DEFAULT_MINUTES = 480;
const SHORTEST_JUSTIFICATION = 10;
const MINUTE = 60_000;

/** When an elevation is to end; undefined is 8 hours after it begins. */
export type ElevationEnd = { readonly minutes: number } | { readonly expiresAt: string } | undefined;

/** How long an elevation lasts if it begins now. Times are ISO 8601. */
export interface ElevationSpan {
  readonly minutes: number;
  readonly expiresAt: string;
}

/** @throws DomainError `too_long`, `in_the_past` */
export function spanOf(until: ElevationEnd, now: Date): ElevationSpan {
  const length =
    until !== undefined && 'expiresAt' in until
      ? Date.parse(until.expiresAt) - now.getTime()
      : (until?.minutes ?? DEFAULT_MINUTES) * MINUTE;
  if (length <= 0) throw new DomainError('in_the_past', 'The end must be in the future.');
  if (length > LONGEST_HOURS * 60 * MINUTE) {
    throw new DomainError('too_long', `An elevation lasts ${LONGEST_HOURS} hours at most.`);
  }
  return {
    minutes: Math.ceil(length / MINUTE),
    expiresAt: new Date(now.getTime() + length).toISOString(),
  };
}

/**
 * Whether a request of one's own waits for another user. A key always asks, and so does everybody for `admin` where
 * only owners grant that (guard rule 4).
 */
export function needsApproval(
  { scopes }: Authority,
  role: Role,
  { elevationApproval, onlyOwnersGrantAdmin }: Pick<Settings, 'elevationApproval' | 'onlyOwnersGrantAdmin'>,
): boolean {
  // Nothing is below `readonly`, so no one can ask for that.
  if (scopes !== undefined || role === 'readonly') return true;
  return elevationApproval[role] || (role === 'admin' && onlyOwnersGrantAdmin);
}

/** @returns it without spaces around @throws DomainError `justification_required` (R134) */
export function checkJustification(text: string): string {
  const justification = text.trim();
  if (justification.length >= SHORTEST_JUSTIFICATION) return justification;
  throw new DomainError(
    'justification_required',
    `Explain why in at least ${SHORTEST_JUSTIFICATION} characters: reviewers will read it.`,
  );
}

/** @throws DomainError `not_higher`, `target_inactive` */
export function requireHigher(rights: Rights, role: Role): void {
  if (rights.status !== 'active') throw targetInactive();
  if (compareRoles(role, effectiveRole(rights)) > 0) return;
  throw new DomainError(
    'not_higher',
    `This user has the role ${effectiveRole(rights)} already: choose a higher one.`,
  );
}

export const targetInactive = () =>
  new DomainError('target_inactive', 'Only an active user can have a temporary role.');
