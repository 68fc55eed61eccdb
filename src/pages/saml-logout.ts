import type { Request, Response } from 'express';
import { requestContext } from '../http/request-context.ts';
import type { SamlNameId } from '../saml/assertion.ts';
import { type IncomingMessage, verifyLogoutRequest, verifyLogoutResponse } from '../saml/logout.ts';
import { buildLogoutRequest, buildLogoutResponse } from '../saml/requests.ts';
import { addressesOf } from '../sso/addresses.ts';
import { type Destination, type SamlConnection, signingKeyOf } from '../sso/login/protocol.ts';
import { destinationOf, identityProviderOf, serviceProviderOf, subjectOf } from '../sso/login/saml-login.ts';
import { answerErrors, send } from './login-flow.ts';
import { signedOutPage } from './outcome-pages.ts';
import { sendPage } from './page.ts';
import type { PageContext } from './page-context.ts';

/** A message of single logout, as it came in. */
export interface LogoutMessage {
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
  return answerErrors(
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
export function redirectToLogout(
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
