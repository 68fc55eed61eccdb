import type { Request, Response, Router } from 'express';
import { createBoundedSemaphore } from '../../http/bounded-semaphore.ts';
import { type Form, readForm } from '../../http/form.ts';
import { parseReturnPath } from '../../http/return-path.ts';
import { type ReceivedMessage, readMessage } from '../../saml/bindings.ts';
import { describeMessage } from '../../saml/describe.ts';
import { addressesOf } from '../../sso/addresses.ts';
import { presentServiceProvider, verifySamlLogin } from '../../sso/login/saml-login.ts';
import type { SamlConnection } from '../../sso/login/types.ts';
import { SsoError } from '../../sso/sso-error.ts';
import { answerRejections, completeLogin, connectionOf } from '../login-flow.ts';
import { sameSiteRedirectPage, sendPage } from '../page.ts';
import { answering, type PageContext, requireOwnPage } from '../page-context.ts';
import { answerLogout } from '../provider-logout.ts';

/** A response of 256 KiB in base64 and percent-encoded, with room for RelayState. */
const MAX_FORM = 1024 * 1024;
/**
 * Larger than nearly all responses: only a few larger ones are read at a time, since unauthenticated clients can send
 * them, too.
 */
const LARGE_FORM = 64 * 1024;
const LARGE_TURNS = { atOnce: 32, perOrganization: 16, waiting: 400, waitMs: 10_000 };
/** Marks a form that our own page has posted again, so that the browser sends its cookies. */
const FORWARDED = 'hop';

/** Mounts what SAML providers and their browsers ask for. */
export function mountSaml(router: Router, site: PageContext): void {
  const turns = createBoundedSemaphore(LARGE_TURNS);
  const readMessage = (request: Request, response: Response, { org }: SamlConnection) =>
    readForm(request, MAX_FORM, { from: LARGE_FORM, admit: () => turns.take(org, response) });

  router.post(
    '/sso/saml/:id/acs',
    answering(async (request, response) => {
      const connection = await samlConnectionOf(site, request);
      await handleResponse(
        site,
        connection,
        await readMessage(request, response, connection),
        request,
        response,
      );
    }),
  );

  router.get(
    '/sso/saml/:id/metadata',
    answering(async (request, response) => {
      const connection = await samlConnectionOf(site, request);
      response
        .type('application/samlmetadata+xml')
        .set('Content-Disposition', 'inline; filename="rollcall-metadata.xml"')
        .set('X-Content-Type-Options', 'nosniff')
        .send(presentServiceProvider(connection, site.publicUrl));
    }),
  );

  router.get(
    '/sso/saml/:id/slo',
    answering(async (request, response) => {
      const connection = await samlConnectionOf(site, request);
      const [, query = ''] = request.originalUrl.split(/\?(.*)/s, 2);
      const kind = new URLSearchParams(query).has('SAMLResponse') ? 'response' : 'request';
      const message = { binding: 'redirect', query } as const;
      await answerLogout(site, connection, { kind, message, relayState: undefined }, request, response);
    }),
  );
  router.post(
    '/sso/saml/:id/slo',
    answering(async (request, response) => {
      const connection = await samlConnectionOf(site, request);
      const form = await readMessage(request, response, connection);
      const answer = form.one('SAMLResponse');
      const message = { binding: 'post', value: answer ?? form.one('SAMLRequest') ?? '' } as const;
      const kind = answer === undefined ? 'request' : 'response';
      const relayState = form.one('RelayState');
      await answerLogout(site, connection, { kind, message, relayState }, request, response);
    }),
  );
}

const samlConnectionOf = (site: PageContext, request: Request): Promise<SamlConnection> =>
  connectionOf(site, request.params['id'] as string, 'saml');

/**
 * The provider's form comes from another site, without our cookies. A page of ours posts it again once, and then the
 * request has the browser's cookies and session.
 */
async function handleResponse(
  site: PageContext,
  connection: SamlConnection,
  form: Form,
  request: Request,
  response: Response,
): Promise<void> {
  const message = form.one('SAMLResponse');
  const relayState = form.one('RelayState');
  const browser = site.browsers.read(request);
  const sentOn = form.one(FORWARDED) !== undefined;
  // Another site's form with that mark would come without the existing session and end it unnoticed.
  if (sentOn) requireOwnPage(site, request);
  if (browser === undefined && !sentOn && message !== undefined) {
    const fields = new Map([
      ['SAMLResponse', message],
      ...(relayState === undefined ? [] : ([['RelayState', relayState]] as const)),
      [FORWARDED, '1'],
    ]);
    const { samlAcs } = addressesOf(site.publicUrl, connection.id);
    sendPage(response, 200, sameSiteRedirectPage(`Signing in with ${connection.name}`, samlAcs, fields));
    return;
  }
  let received: ReceivedMessage | undefined;
  const seen = () => ({ message: received && describeMessage(received) });
  const purpose = () => site.directory.ssoLogins.pendingPurpose(connection, browser);
  await answerRejections(site, connection, purpose, seen, request, response, async () => {
    if (message === undefined) throw new SsoError('message_missing');
    received = readMessage(message);
    const proven = verifySamlLogin(connection, received, site.publicUrl, site.now());
    const login = {
      ...proven,
      seen: { ...proven.seen, ...seen() },
      returnTo: parseReturnPath(relayState),
    };
    await completeLogin(site, connection, login, browser, request, response);
  });
}
