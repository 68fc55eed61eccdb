import type { Request, Response } from 'express';
import { requestContext } from '../http/request-context.ts';
import type { SamlNameId } from '../saml/assertion.ts';
import { type IncomingMessage, verifyLogoutRequest, verifyLogoutResponse } from '../saml/logout.ts';
import { buildLogoutRequest, buildLogoutResponse } from '../saml/requests.ts';
import { addressesOf } from '../sso/addresses.ts';
import { logoutFromOidc } from '../sso/login/oidc-login.ts';
import { destinationOf, identityProviderOf, serviceProviderOf, subjectOf } from '../sso/login/saml-login.ts';
import { type Destination, type SamlConnection, signingKeyOf } from '../sso/login/types.ts';
import { SsoError } from '../sso/sso-error.ts';
import { answerRejections, connectionOf, send } from './login-flow.ts';
import { signedOutHerePage, signedOutPage } from './outcome-pages.ts';
import { sendPage } from './page.ts';
import type { PageContext } from './page-context.ts';

/** A session that has ended here, and began at a provider. */
type ProviderLogout = NonNullable<Awaited<ReturnType<PageContext['directory']['ssoLogins']['off']['here']>>>;

/** Sends the browser on so that the provider's own session ends, too, if the provider takes that and answers. */
export async function endProviderSession(
  site: PageContext,
  logout: ProviderLogout,
  response: Response,
): Promise<void> {
  try {
    const to = await logoutDestination(site, logout);
    if (to === undefined) response.redirect(303, '/sso/signed-out');
    else send(response, 'Signing out', to);
  } catch (error) {
    if (!(error instanceof SsoError)) throw error;
    sendPage(response, 200, signedOutHerePage);
  }
}

/** @returns undefined if the provider takes none @throws SsoError if it cannot be asked */
async function logoutDestination(
  site: PageContext,
  { connection: id, hint, sessionIndex }: ProviderLogout,
): Promise<Destination | undefined> {
  const connection = await connectionOf(site, id);
  if (connection.protocol === 'saml') {
    return redirectToLogout(connection, hint, sessionIndex, site.publicUrl, site.now());
  }
  return logoutFromOidc(site.relyingParty, connection, hint, site.publicUrl);
}

/** A message of single logout, as it came in. */
interface LogoutMessage {
  readonly kind: 'request' | 'response';
  readonly message: IncomingMessage;
  /** Beside a posted message; a redirect signs its own. */
  readonly relayState: string | undefined;
}

/**
 * Ends the sessions that a SAML provider logs out, and answers it; or processes its answer to a sign-out that began
 * here.
 */
export function answerLogout(
  site: PageContext,
  connection: SamlConnection,
  { kind, message, relayState }: LogoutMessage,
  request: Request,
  response: Response,
): Promise<void> {
  return answerRejections(
    site,
    connection,
    'sign_in',
    () => ({}),
    request,
    response,
    async () => {
      const now = site.now();
      const destination = addressesOf(site.publicUrl, connection.id).samlSlo;
      const expected = { idp: identityProviderOf(connection), destination, now };
      if (kind === 'response') {
        verifyLogoutResponse(message, expected);
        return sendPage(response, 200, signedOutPage);
      }
      const logoutRequest = verifyLogoutRequest(message, expected);
      const fresh = await site.directory.ssoLogins.off.atProvider(
        connection,
        {
          subject: subjectOf(logoutRequest.nameId),
          indexes: logoutRequest.sessionIndexes.length === 0 ? undefined : logoutRequest.sessionIndexes,
          replay: { id: logoutRequest.id, until: logoutRequest.replayableUntil.toISOString() },
        },
        requestContext(response).requestId,
      );
      const { sloUrl, sloBinding, sloResponseUrl } = connection.settings;
      const url = sloResponseUrl ?? sloUrl;
      const key = signingKeyOf(connection);
      if (url === null || key === undefined) return sendPage(response, 200, signedOutPage);
      const answer = buildLogoutResponse({
        sp: serviceProviderOf(connection, site.publicUrl),
        idp: { url, binding: sloBinding },
        relayState: logoutRequest.relayState ?? relayState,
        signWith: key,
        inResponseTo: logoutRequest.id,
        outcome: fresh ? 'success' : 'requester',
        now,
      });
      send(response, 'Signing out', destinationOf(answer));
    },
  );
}

/** Where a sign-out that began here continues; undefined if the provider takes none. */
function redirectToLogout(
  connection: SamlConnection,
  hint: string,
  sessionIndex: string | undefined,
  publicUrl: string,
  now: Date,
): Destination | undefined {
  const key = signingKeyOf(connection);
  const { sloUrl, sloBinding } = connection.settings;
  if (sloUrl === null || key === undefined) return undefined;
  const sent = buildLogoutRequest({
    sp: serviceProviderOf(connection, publicUrl),
    idp: { url: sloUrl, binding: sloBinding },
    relayState: undefined,
    signWith: key,
    nameId: JSON.parse(hint) as SamlNameId,
    sessionIndexes: sessionIndex === undefined ? [] : [sessionIndex],
    now,
  });
  return destinationOf(sent);
}
