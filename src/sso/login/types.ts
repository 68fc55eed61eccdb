import type { UserId } from '../../directory/ids.ts';
import type { UserDependencies } from '../../directory/users/dependencies.ts';
import type { SignInCommands } from '../../sign-in/commands.ts';
import type { LiveSession, Sessions, StartedSession } from '../../sign-in/sessions.ts';
import type { LinkDecision, VerifiedIdentity } from '../rules/account-linking.ts';
import type { SsoReason } from '../rules/reasons.ts';
import type { LoginPurpose, LoginRequest } from '../store/requests.ts';
import type { TraceSeen } from '../store/traces.ts';
import type { LoginConnection } from './connection.ts';

/** A login that a provider vouches for. */
export interface SsoLogin {
  readonly identity: VerifiedIdentity;
  /** The request that it answers: by its key, or used up already; undefined if it began at the provider. */
  readonly answers: { readonly key: string } | { readonly used: LoginRequest } | undefined;
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

/** Where a browser is sent: to an address, or with a form that it posts there. */
export type Destination =
  | { readonly url: string }
  | { readonly action: string; readonly fields: ReadonlyMap<string, string> };

/** Why and where to a user is sent to their provider. */
export interface LoginRedirect {
  readonly purpose: LoginPurpose;
  /** A path of ours. */
  readonly returnTo: string | undefined;
  /** The address that they gave, so that the provider need not ask again. */
  readonly loginHint: string | undefined;
  /** Of a set-up link: with it, a browser without a session begins one test. */
  readonly testCode?: string | undefined;
}

/** A sign-in on its way to the provider. */
export interface BegunLogin {
  /** What the answer will name. */
  readonly key: string;
  /** What is needed again with the answer, and is kept sealed until then. */
  readonly payload: Readonly<Record<string, string>>;
  readonly to: Destination;
}

/** A verified message, before it is resolved to a user. */
export type VerifiedLogin = Pick<SsoLogin, 'identity' | 'replay' | 'certificate' | 'seen'>;

/** A step-up makes the provider ask for the credentials again. */
export const requiresFreshLogin = (purpose: LoginPurpose): boolean => purpose === 'step_up';

export type SamlConnection = Extract<LoginConnection, { protocol: 'saml' }>;
export type OidcConnection = Extract<LoginConnection, { protocol: 'oidc' }>;

/** The key that signs our messages: during a rotation still the one that the provider knows. */
export function signingKeyOf({
  keys,
}: Pick<LoginConnection, 'keys'>): LoginConnection['keys'][number] | undefined {
  return keys.findLast(({ use }) => use === 'signing');
}

/** What single sign-on needs. */
export interface SsoLoginDependencies extends UserDependencies {
  readonly sessions: Sessions;
  readonly signIn: Pick<SignInCommands, 'signOut'>;
}
