import { timingSafeEqual } from 'node:crypto';
import type { Request, Response, Router } from 'express';
import { DomainError } from '../../directory/errors.ts';
import { userDisplayName } from '../../directory/users/user.ts';
import { type Form, readForm } from '../../http/form.ts';
import { parseQuery } from '../../http/query.ts';
import { requestContext } from '../../http/request-context.ts';
import { parseReturnPath } from '../../http/return-path.ts';
import { truncate } from '../../platform/truncate.ts';
import { type SignInForm, signInPage } from '../account-pages.ts';
import { connectionOf, redirectToProvider } from '../login-flow.ts';
import { homePage, signedOutPage } from '../outcome-pages.ts';
import { sendPage } from '../page.ts';
import {
  answering,
  clientOf,
  foreignPage,
  type PageContext,
  requireOwnPage,
  sessionOf,
  whoseOf,
} from '../page-context.ts';
import { endProviderSession } from '../provider-logout.ts';

const MAX_FORM = 16 * 1024;

/** Mounts the pages on which users sign in and out. */
export function mountSignIn(router: Router, site: PageContext): void {
  router.get(
    '/',
    answering((request, response) => showHome(site, request, response)),
  );

  router.get(
    '/sign-in',
    answering(async (request, response) => {
      const query = parseQuery(request.originalUrl);
      const step = query.get('with') === 'password' ? 'password' : 'email';
      sendPage(
        response,
        200,
        signInPage({ step, email: '', returnTo: parseReturnPath(query.get('return_to')) }),
      );
    }),
  );

  router.post(
    '/sign-in',
    answering(async (request, response) => {
      requireOwnPage(site, request);
      await signIn(site, await readForm(request, MAX_FORM), request, response);
    }),
  );

  router.get(
    '/sso/:id/start',
    answering(async (request, response) => {
      const query = parseQuery(request.originalUrl);
      const connection = await connectionOf(site, request.params['id'] as string);
      const asked = query.get('purpose');
      const purpose = asked === 'test' || asked === 'step_up' ? asked : 'sign_in';
      const returnTo = parseReturnPath(query.get('return_to'));
      await redirectToProvider(
        site,
        connection,
        { purpose, returnTo, loginHint: undefined, testCode: query.get('code') ?? undefined },
        request,
        response,
      );
    }),
  );

  router.post(
    '/sso/sign-out',
    answering(async (request, response) => {
      requireOwnPage(site, request);
      const form = await readForm(request, MAX_FORM);
      const session = await sessionOf(site, request, response);
      if (session === undefined) return response.redirect(303, '/sso/signed-out');
      if (!isSame(form.one('csrf') ?? '', session.csrfToken)) throw foreignPage();
      const logout = await site.directory.ssoLogins.off.here(session.authority, session.id);
      response.append('Set-Cookie', site.sessionCookie.write('clear')).set('Cache-Control', 'no-store');
      if (logout === undefined) return response.redirect(303, '/sso/signed-out');
      await endProviderSession(site, logout, response);
    }),
  );

  router.get(
    '/sso/signed-out',
    answering(async (_request, response) => sendPage(response, 200, signedOutPage)),
  );
}

async function showHome(site: PageContext, request: Request, response: Response): Promise<void> {
  const session = await sessionOf(site, request, response);
  if (session === undefined) return response.redirect(303, '/sign-in');
  const { authority, csrfToken } = session;
  const [user, account] = await Promise.all([
    site.directory.userQueries.self(authority.org, authority.rights.id),
    site.directory.security.account(authority),
  ]);
  const { email, role } = user;
  const organization = await whoseOf(site, authority.org, account.organization);
  sendPage(response, 200, homePage({ name: userDisplayName(user), email, organization, role }, csrfToken));
}

/** One step of the sign-in page: an address leads to its provider; else a password, and a code if there is one. */
async function signIn(site: PageContext, form: Form, request: Request, response: Response): Promise<void> {
  const { directory } = site;
  const returnTo = parseReturnPath(form.one('return_to'));
  const pending = form.one('pending');
  const email = truncate(form.one('email')?.trim() ?? '', 320);
  const password = form.one('password');
  const show = (status: number, page: Omit<SignInForm, 'email' | 'returnTo'>) =>
    sendPage(response, status, signInPage({ ...page, email, returnTo }));

  if (pending === undefined && (password === undefined || password === '')) {
    const found = form.one('with') === 'password' ? undefined : await directory.ssoLogins.discover(email);
    if (found === undefined) return show(200, { step: 'password' });
    const connection = await connectionOf(site, found.connection);
    return redirectToProvider(
      site,
      connection,
      { purpose: 'sign_in', returnTo, loginHint: email },
      request,
      response,
    );
  }
  const { requestId } = requestContext(response);
  const client = clientOf(site, request);
  try {
    const session =
      pending === undefined
        ? await directory.signIn.beginSignIn(
            { email, password: password ?? '', organization: form.one('organization') },
            client,
            requestId,
          )
        : await directory.signIn.finishSignIn(pending, form.one('code')?.trim() ?? '', client, requestId);
    if ('pending' in session) return show(200, { step: 'code', pending: session.pending });
    response
      .append('Set-Cookie', site.sessionCookie.write(session))
      .append('Set-Cookie', site.devices.write(session.device))
      .set('Cache-Control', 'no-store')
      .redirect(303, returnTo ?? '/');
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.retryAfter !== undefined) response.set('Retry-After', String(error.retryAfter));
    show(error.kind === 'throttled' ? 429 : 401, { step: 'password', error: error.message });
  }
}

function isSame(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
