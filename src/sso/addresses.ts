/** Our own addresses of a connection; what providers are told, and what their answers must name. */
export interface Addresses {
  readonly samlEntityId: string;
  readonly samlAcs: string;
  readonly samlSlo: string;
  readonly samlMetadata: string;
  readonly oidcCallback: string;
  readonly oidcBackchannelLogout: string;
  readonly oidcJwks: string;
  /** Where a sign-in begins here. */
  readonly signIn: string;
  /** Where an administrator begins a test. */
  readonly test: string;
  /** Where a provider sends the browser back after a sign-out. */
  readonly signedOut: string;
}

/** @param publicUrl without a slash at its end */
export function addressesOf(publicUrl: string, connection: string): Addresses {
  const saml = `${publicUrl}/sso/saml/${connection}`;
  const oidc = `${publicUrl}/sso/oidc/${connection}`;
  const signIn = `${publicUrl}/sso/${connection}/start`;
  return {
    samlEntityId: saml,
    samlAcs: `${saml}/acs`,
    samlSlo: `${saml}/slo`,
    samlMetadata: `${saml}/metadata`,
    oidcCallback: `${oidc}/callback`,
    oidcBackchannelLogout: `${oidc}/backchannel-logout`,
    oidcJwks: `${oidc}/jwks`,
    signIn,
    test: `${signIn}?purpose=test`,
    signedOut: `${publicUrl}/sso/signed-out`,
  };
}
