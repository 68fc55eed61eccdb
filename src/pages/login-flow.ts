import { setTimeout as delay } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { DomainError } from '../directory/errors.ts';
import { scopeOf } from '../directory/roles/authority.ts';
import { userDisplayName } from '../directory/users/user.ts';
import { requestContext } from '../http/request-context.ts';
import { beginOidc } from '../sso/login/oidc-login.ts';
import { beginSaml } from '../sso/login/saml-login.ts';
import type {
  BegunSsoLogin,
  LoginConnection,
  LoginOutcome,
  LoginPurpose,
  SsoLogin,
  TraceSeen,
} from '../sso/login/sso-logins.ts';
import type { BegunLogin, LoginRedirect } from '../sso/login/types.ts';
import type { SsoReason } from '../sso/rules/reasons.ts';
import { SsoError } from '../sso/sso-error.ts';
import {
  confirmationSentPage,
  rejectedPage,
  switchedPage,
  testedPage,
  testFailedPage,
} from './outcome-pages.ts';
import { sameSiteRedirectPage, sendPage, type Whose } from './page.ts';
import { clientOf, type PageContext, sessionOf, whoseOf } from './page-context.ts';

/** What a rejected message takes at least. */
const REJECTION_MS = 150;

/** @throws DomainError `not_found`, also of one that speaks another protocol */
export async function connectionOf<Protocol extends LoginConnection['protocol']>(
  { directory }: PageContext,
  id: string,
  protocol?: Protocol,
): Promise<Extract<LoginConnection, { protocol: Protocol }>> {
  const connection = await directory.ssoLogins.connection(id);
  if (connection !== undefined && (protocol === undefined || connection.protocol === protocol)) {
    return connection as Extract<LoginConnection, { protocol: Protocol }>;
  }
  throw new DomainError('not_found', 'Sign-in connection not found. Start at the sign-in page.');
}

/** Sends a browser to its provider. */
export async function redirectToProvider(
  site: PageContext,
  connection: LoginConnection,
  redirect: LoginRedirect,
  request: Request,
  response: Response,
): Promise<void> {
  const { purpose, returnTo } = redirect;
  const fromElsewhere = isFromElsewhere(request);
  await site.directory.ssoLogins.countStart(fromElsewhere, clientOf(site, request));
  const session = await sessionFor(site, connection, redirect, request, response);
  if (purpose !== 'sign_in' && session === undefined) {
    response.redirect(303, `/sign-in?return_to=${encodeURIComponent(request.originalUrl)}`);
    return;
  }
  if (
    purpose === 'test' &&
    typeof session === 'object' &&
    scopeOf(session.authority, 'sso:manage') !== 'all'
  ) {
    throw new DomainError('forbidden', "You don't have permission to access this");
  }
  await answerRejections(
    site,
    connection,
    purpose,
    () => ({}),
    request,
    response,
    async () => {
      if (connection.state !== 'active' && purpose !== 'test') throw new SsoError('connection_off');
      const begun = await begin(site, connection, redirect);
      const { browser, cookie } = site.browsers.give(request);
      const { key, payload } = begun;
      const start = { key, purpose, browser, payload, returnTo, session, fromElsewhere };
      await site.directory.ssoLogins.begin(connection, start);
      response.append('Set-Cookie', cookie).set('Cache-Control', 'no-store');
      send(response, `Signing in with ${connection.name}`, begun.to);
    },
  );
}

/** What a test or a step-up needs: the session of this browser, or for a test the code of a set-up link. */
async function sessionFor(
  site: PageContext,
  connection: LoginConnection,
  { purpose, testCode }: LoginRedirect,
  request: Request,
  response: Response,
): Promise<BegunSsoLogin['session']> {
  if (purpose === 'sign_in') return undefined;
  if (purpose === 'test' && testCode !== undefined) {
    if (await site.directory.setUpLinkCommands.useTest(connection, testCode)) return 'set-up link';
    throw new DomainError(
      'forbidden',
      'This address of a test works once, for ten minutes: get another one.',
    );
  }
  return sessionOf(site, request, response);
}

/** Whether a page of another origin sent the browser here: not a bookmark, a typed address or a page of ours. */
function isFromElsewhere({ headers }: Request): boolean {
  const from = headers['sec-fetch-site'];
  return from === 'cross-site' || from === 'same-site';
}

function begin(
  site: PageContext,
  connection: LoginConnection,
  redirect: LoginRedirect,
): Promise<BegunLogin> | BegunLogin {
  return connection.protocol === 'saml'
    ? beginSaml(connection, redirect.purpose, site.publicUrl, site.now())
    : beginOidc(site.relyingParty, connection, redirect, site.publicUrl);
}

/** Takes the browser elsewhere. @param title of the page that does it where it takes a form */
export function send(response: Response, title: string, to: BegunLogin['to']): void {
  if ('url' in to) response.redirect(303, to.url);
  else sendPage(response, 200, sameSiteRedirectPage(title, to.action, to.fields));
}

/** Signs in a user who returns from their provider, or shows why not. */
export async function completeLogin(
  site: PageContext,
  connection: LoginConnection,
  login: Omit<SsoLogin, 'browser' | 'present'>,
  browser: string | undefined,
  request: Request,
  response: Response,
): Promise<void> {
  const { requestId } = requestContext(response);
  const present = await sessionOf(site, request, response);
  const outcome = await site.directory.ssoLogins.completeLogin(
    connection,
    { ...login, browser, present },
    clientOf(site, request),
    requestId,
  );
  await answer(site, connection, outcome, response);
}

async function answer(
  site: PageContext,
  { org, name, organization }: LoginConnection,
  outcome: LoginOutcome,
  response: Response,
): Promise<void> {
  const { directory, sessionCookie } = site;
  response.set('Cache-Control', 'no-store');
  switch (outcome.kind) {
    case 'signed_in': {
      response.append('Set-Cookie', sessionCookie.write(outcome.session));
      const to = outcome.returnTo ?? '/';
      if (!outcome.isNews) return response.redirect(303, to);
      return sendPage(
        response,
        200,
        switchedPage(userDisplayName(await directory.userQueries.self(org, outcome.user)), to),
      );
    }
    case 'proved':
      return response.redirect(303, outcome.returnTo ?? '/');
    case 'tested':
      if (outcome.returnTo !== undefined) return response.redirect(303, outcome.returnTo);
      return sendPage(response, 200, testedPage(name, outcome.wouldBe));
    case 'confirm':
      return sendPage(response, 200, confirmationSentPage);
    case 'refused':
      return sendRejection(response, outcome, undefined, await whoseOf(site, org, organization));
  }
}

/**
 * Verifies what a client has sent. An invalid message stays counted against the client.
 * @returns why it is invalid @throws DomainError `throttled`, and whatever else goes wrong
 */
export async function countingRejections(
  site: PageContext,
  connection: LoginConnection,
  request: Request,
  work: () => Promise<void>,
): Promise<SsoError | undefined> {
  const { ssoLogins } = site.directory;
  const client = clientOf(site, request);
  let counts = false;
  await ssoLogins.consumeAttempt(connection, client);
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof SsoError)) throw error;
    counts = true;
    return error;
  } finally {
    if (!counts) await ssoLogins.refundAttempt(connection, client);
  }
}

/**
 * Runs what may be rejected before anybody is known: the trace keeps why, and the user reads one plain page.
 * Rejections take the same time: how far a message that was captured came is not to be measured.
 * @param purpose of the sign-in; asked for only where it is rejected
 * @param seen what the trace shows of the message; read only where the message was looked at
 */
export async function answerRejections(
  site: PageContext,
  connection: LoginConnection,
  purpose: LoginPurpose | (() => Promise<LoginPurpose>),
  seen: () => TraceSeen,
  request: Request,
  response: Response,
  work: () => Promise<void>,
): Promise<void> {
  const even = delay(REJECTION_MS);
  const error = await countingRejections(site, connection, request, work);
  if (error === undefined) return;
  const { requestId } = requestContext(response);
  const { reason, message } = error;
  const detail = message === reason ? undefined : message;
  const known = typeof purpose === 'string' ? purpose : await purpose();
  await site.directory.ssoLogins.recordRejected(
    connection,
    { reason, detail, purpose: known, seen: seen() },
    requestId,
  );
  await even;
  sendRejection(response, { reason, purpose: known }, detail, undefined);
}

/** Only in a browser in which an administrator began a test is a request of that purpose. */
function sendRejection(
  response: Response,
  { reason, purpose }: { readonly reason: SsoReason; readonly purpose: LoginPurpose },
  detail: string | undefined,
  organization: Whose | undefined,
): void {
  const { requestId } = requestContext(response);
  const page =
    purpose === 'test'
      ? testFailedPage(reason, detail, requestId)
      : rejectedPage(reason, requestId, organization);
  sendPage(response, 403, page);
}
