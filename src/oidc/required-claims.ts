import { SsoError } from '../sso/sso-error.ts';
import type { Claims } from './claims.ts';
import { quoted } from './quoted.ts';

const GOOGLE = 'https://accounts.google.com';

/** A claim that must have a value among its values. */
export interface RequiredClaim {
  readonly claim: string;
  readonly value: string;
}

/**
 * Checks that the organization's provider manages the user. Google signs consumer accounts in as well,
 * with any address that was verified once; only accounts that an organization manages have `hd`.
 * @throws SsoError hosted_domain_missing, claim_missing
 */
export function requireClaims(issuer: string, claims: Claims, required: readonly RequiredClaim[]): void {
  if (issuer === GOOGLE && (claims.get('hd') ?? []).every((value) => value.trim() === '')) {
    throw new SsoError('hosted_domain_missing');
  }
  for (const { claim, value } of required) {
    if (!(claims.get(claim) ?? []).includes(value)) throw new SsoError('claim_missing', quoted(claim));
  }
}
