import type { Response } from 'express';
import { logoutFromOidc } from '../sso/login/oidc-login.ts';
import type { Destination } from '../sso/login/protocol.ts';
import { SsoError } from '../sso/sso-error.ts';
import { connectionOf, send } from './login-flow.ts';
import { signedOutHerePage } from './outcome-pages.ts';
import { sendPage } from './page.ts';
import type { PageContext } from './page-context.ts';
import { redirectToLogout } from './saml-logout.ts';

/** A session that has ended here, and began at a provider. */
type ProviderLogout = NonNullable<Awaited<ReturnType<PageContext['directory']['ssoLogins']['off']['here']>>>;

/** Sends the browser on so that the provider's own session ends, too, if the provider takes that and answers. */
export async function endProviderSession(
  site: PageContext,
  logout: ProviderLogout,
  response: Response,
): Promise<void> {
  try {
    const to = await destinationOf(site, logout);
    if (to === undefined) response.redirect(303, '/sso/signed-out');
    else send(response, 'Signing out', to);
  } catch (error) {
    if (!(error instanceof SsoError)) throw error;
    sendPage(response, 200, signedOutHerePage);
  }
}

/** @returns undefined if the provider takes none @throws SsoError if it cannot be asked */
async function destinationOf(
  site: PageContext,
  { connection: id, hint, sessionIndex }: ProviderLogout,
): Promise<Destination | undefined> {
  const connection = await connectionOf(site, id);
  if (connection.protocol === 'saml') {
    return redirectToLogout(connection, hint, sessionIndex, site.publicUrl, site.now());
  }
  return logoutFromOidc(site.relyingParty, connection, hint, site.publicUrl);
}
