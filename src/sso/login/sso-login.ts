import type { UserId } from '../../directory/ids.ts';
import type { LiveSession, StartedSession } from '../../sign-in/sessions.ts';
import type { LinkDecision } from '../rules/account-linking.ts';
import type { SsoReason } from '../rules/reasons.ts';
import type { LoginPurpose, LoginRequestRow } from '../store/requests.ts';
import type { TraceSeen } from '../store/traces.ts';
import type { VerifiedIdentity } from './identity.ts';

/** A login that a provider vouches for. */
export interface SsoLogin {
  readonly identity: VerifiedIdentity;
  /** The request that it answers: by its key, or used up already; undefined if it began at the provider. */
  readonly answers: { readonly key: string } | { readonly used: LoginRequestRow } | undefined;
  /** What this browser was given when a sign-in began in it. */
  readonly browser: string | undefined;
  /** The session that the browser already has, whichever user it belongs to. */
  readonly present: LiveSession | undefined;
  /** What must not come twice, and until when it could (ISO 8601). */
  readonly replay: { readonly id: string; readonly until: string } | undefined;
  /** Fingerprint of the provider's certificate that counted. */
  readonly certificate: string | undefined;
  /** Where a sign-in that began at the provider wants to lead: a path of ours. */
  readonly returnTo: string | undefined;
  /** What an administrator may see of it, masked. */
  readonly seen: TraceSeen;
}

/** What came of it. A rejection is an outcome, not an error: what was used up stays used up. */
export type LoginOutcome =
  | {
      readonly kind: 'signed_in';
      readonly session: StartedSession;
      readonly user: UserId;
      readonly returnTo: string | undefined;
      /** Whether to show who is signed in now, because another user was before, or another site's page began the login. */
      readonly isNews: boolean;
    }
  | {
      readonly kind: 'tested';
      readonly returnTo: string | undefined;
      /** What would have become of the same user, had it been a sign-in. */
      readonly wouldBe: LinkDecision;
    }
  | { readonly kind: 'proved'; readonly returnTo: string | undefined }
  /** An account of this address is there: its owner follows the link of a mail first. */
  | { readonly kind: 'confirm' }
  | { readonly kind: 'refused'; readonly reason: SsoReason; readonly purpose: LoginPurpose };

/** Rejects a login within its transaction, which commits all the same. */
export class LoginStopped extends Error {
  readonly reason: SsoReason;

  constructor(reason: SsoReason) {
    super(reason);
    this.name = 'LoginStopped';
    this.reason = reason;
  }
}

/** What is learned on the way, for the trace, however far it goes. */
export interface LoginContext {
  user: UserId | undefined;
  seen: TraceSeen;
}
