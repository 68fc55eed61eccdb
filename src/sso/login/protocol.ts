import type { LoginConnection, LoginPurpose, SsoLogin } from './login.ts';

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
