import { connectionOf } from './journey.ts';
import { departFromOidc } from './oidc-sign-on.ts';
import type { Destination } from './protocol.ts';
import { departToLogout } from './saml-sign-off.ts';
import type { Site } from './site.ts';
import { SsoError } from './sso-error.ts';

/** A session that has ended here, and began at a provider. */
type ProviderLogout = NonNullable<Awaited<ReturnType<Site['directory']['signOn']['off']['here']>>>;

/** Where the browser goes so that the provider's own session ends, too; undefined if the provider takes none. */
export async function leaveProvider(
  site: Site,
  { connection: id, hint, sessionIndex }: ProviderLogout,
): Promise<Destination | undefined> {
  const connection = await connectionOf(site, id);
  if (connection.protocol === 'saml') {
    return departToLogout(connection, hint, sessionIndex, site.publicUrl, site.now());
  }
  try {
    return await departFromOidc(site.relyingParty, connection, hint, site.publicUrl);
  } catch (error) {
    // The session here has ended already; that of a provider that does not answer is beyond our reach.
    if (!(error instanceof SsoError)) throw error;
    return undefined;
  }
}
