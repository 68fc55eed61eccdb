import type { Response } from 'express';
import { departFromOidc } from '../sso/login/oidc-login.ts';
import type { Destination } from '../sso/login/protocol.ts';
import { SsoError } from '../sso/sso-error.ts';
import { connectionOf, send } from './login-flow.ts';
import { signedOutHerePage } from './outcome-pages.ts';
import { sendPage } from './page.ts';
import type { Site } from './page-context.ts';
import { departToLogout } from './saml-logout.ts';

/** A session that has ended here, and began at a provider. */
type ProviderLogout = NonNullable<Awaited<ReturnType<Site['directory']['signOn']['off']['here']>>>;

/** Sends the browser on so that the provider's own session ends, too, if the provider takes that and answers. */
export async function leaveProvider(site: Site, logout: ProviderLogout, response: Response): Promise<void> {
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
  site: Site,
  { connection: id, hint, sessionIndex }: ProviderLogout,
): Promise<Destination | undefined> {
  const connection = await connectionOf(site, id);
  if (connection.protocol === 'saml') {
    return departToLogout(connection, hint, sessionIndex, site.publicUrl, site.now());
  }
  return departFromOidc(site.relyingParty, connection, hint, site.publicUrl);
}
