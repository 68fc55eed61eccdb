import type { Request, Response, Router } from 'express';
import { readForm } from '../../http/form.ts';
import { requestContext } from '../../http/request-context.ts';
import { clientJwks, readClientKey } from '../../oidc/client.ts';
import { clientOfProvider, stateKey, verifyOidcLogin } from '../../sso/login/oidc-login.ts';
import type { OidcConnection } from '../../sso/login/types.ts';
import { SsoError } from '../../sso/sso-error.ts';
import { answerRejections, completeLogin, connectionOf, countingRejections } from '../login-flow.ts';
import { answering, type PageContext } from '../page-context.ts';

const MAX_FORM = 16 * 1024;

/** Mounts what OpenID Connect providers and their browsers ask for. */
export function mountOidc(router: Router, site: PageContext): void {
  router.get(
    '/sso/oidc/:id/callback',
    answering(async (request, response) => {
      await handleCallback(site, await oidcConnectionOf(site, request), request, response);
    }),
  );

  router.get(
    '/sso/oidc/:id/jwks',
    answering(async (request, response) => {
      const { keys } = await oidcConnectionOf(site, request);
      const ours = keys.filter(({ use }) => use === 'signing').map((key) => readClientKey(key.privateKeyPem));
      response.set('Cache-Control', 'max-age=300').json(await clientJwks(await Promise.all(ours)));
    }),
  );

  router.post(
    '/sso/oidc/:id/backchannel-logout',
    answering(async (request, response) => {
      const connection = await oidcConnectionOf(site, request);
      const token = (await readForm(request, MAX_FORM)).one('logout_token');
      await endByToken(site, connection, token, request, response);
    }),
  );
}

const oidcConnectionOf = (site: PageContext, request: Request): Promise<OidcConnection> =>
  connectionOf(site, request.params['id'] as string, 'oidc');

/** The browser has come back with a code: the sign-in that it answers is used up, then the code is exchanged. */
async function handleCallback(
  site: PageContext,
  connection: OidcConnection,
  request: Request,
  response: Response,
): Promise<void> {
  const callback = new URL(request.originalUrl, site.publicUrl);
  const browser = site.browsers.read(request);
  const { ssoLogins } = site.directory;
  const [state, ...more] = callback.searchParams.getAll('state');
  const used =
    state === undefined || more.length > 0
      ? ('request_unknown' as const)
      : await ssoLogins.take(connection, stateKey(state), browser);
  const purpose = typeof used === 'string' ? 'sign_in' : used.row.purpose;
  await answerRejections(
    site,
    connection,
    purpose,
    () => ({}),
    request,
    response,
    async () => {
      if (typeof used === 'string') throw new SsoError(used);
      const proven = await verifyOidcLogin(site.relyingParty, connection, callback, used, site.publicUrl);
      const login = { ...proven, answers: { used: used.row }, returnTo: undefined };
      await completeLogin(site, connection, login, browser, request, response);
    },
  );
}

/** A provider ends sessions without a browser (Back-Channel Logout 1.0 §2.5, §2.8). */
async function endByToken(
  site: PageContext,
  connection: OidcConnection,
  token: string | undefined,
  request: Request,
  response: Response,
): Promise<void> {
  const { ssoLogins } = site.directory;
  const { requestId } = requestContext(response);
  response.set('Cache-Control', 'no-store');
  const error = await countingRejections(site, connection, request, async () => {
    if (token === undefined) throw new SsoError('message_missing');
    const client = await clientOfProvider(site.relyingParty, connection);
    const { subject, sid, jti, expiresAt } = await site.relyingParty.verifyLogoutToken(client, token);
    const indexes = sid === undefined ? undefined : [sid];
    const replay = { id: jti, until: expiresAt.toISOString() };
    await ssoLogins.off.atProvider(connection, { subject, indexes, replay }, requestId);
    response.status(200).end();
  });
  if (error === undefined) return;
  await ssoLogins.recordRejected(connection, rejectedToken(error), requestId);
  response
    .status(400)
    .json({ error: 'invalid_request', error_description: 'The logout token is not valid.' });
}

const rejectedToken = ({ reason, message }: SsoError) => ({
  reason,
  detail: message === reason ? undefined : message,
  purpose: 'sign_in' as const,
  seen: {},
});
