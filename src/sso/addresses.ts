/** Our own addresses of a connection; what providers are told, and what their answers must name. */
export interface Addresses {
  readonly samlEntityId: string;
  readonly samlAcs: string;
  readonly samlSlo: string;
  readonly oidcCallback: string;
  /** Where a provider sends the browser back after a sign-out. */
  readonly signedOut: string;
}

/** @param publicUrl without a slash at its end */
export function addressesOf(publicUrl: string, connection: string): Addresses {
  const saml = `${publicUrl}/sso/saml/${connection}`;
  return {
    samlEntityId: saml,
    samlAcs: `${saml}/acs`,
    samlSlo: `${saml}/slo`,
    oidcCallback: `${publicUrl}/sso/oidc/${connection}/callback`,
    signedOut: `${publicUrl}/sso/signed-out`,
  };
}
