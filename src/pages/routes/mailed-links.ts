import type { Request, Response, Router } from 'express';
import type { Client } from '../../directory/actor.ts';
import { DomainError } from '../../directory/errors.ts';
import type { OrgId } from '../../directory/ids.ts';
import { readForm } from '../../http/form.ts';
import { requestContext } from '../../http/request-context.ts';
import { truncate } from '../../platform/truncate.ts';
import {
  emailChangedPage,
  emailChangePage,
  forgottenPage,
  invitationPage,
  resetDonePage,
  resetPage,
  resetSentPage,
} from '../account-pages.ts';
import { confirmedPage, confirmPage } from '../outcome-pages.ts';
import { type Page, sendPage, type Whose } from '../page.ts';
import { answering, clientOf, type PageContext, requireOwnPage, whoseOf } from '../page-context.ts';

const MAX_FORM = 16 * 1024;

/** Mounts what the link of an invitation opens (R14, R17, R19). */
export function mountInvitations(router: Router, site: PageContext): void {
  router.get(
    '/invite/:token',
    answering(async (request, response) => show(site, request, response, 200, undefined)),
  );

  router.post(
    '/invite/:token',
    answering(async (request, response) => {
      requireOwnPage(site, request);
      const form = await readForm(request, MAX_FORM);
      const intent = { name: form.one('name') || undefined, password: form.one('password') ?? '' };
      const { requestId } = requestContext(response);
      try {
        const { invitations } = site.directory;
        const session = await invitations.accept(
          tokenOf(request),
          intent,
          clientOf(site, request),
          requestId,
        );
        response.append('Set-Cookie', site.sessionCookie.write(session)).set('Cache-Control', 'no-store');
        response.redirect(303, '/');
      } catch (error) {
        if (!(error instanceof DomainError) || error.kind !== 'invalid') throw error;
        await show(site, request, response, 422, error.message);
      }
    }),
  );
}

const tokenOf = (request: Request): string => request.params['token'] as string;

async function show(
  site: PageContext,
  request: Request,
  response: Response,
  status: number,
  error: string | undefined,
): Promise<void> {
  const token = tokenOf(request);
  const { directory } = site;
  const open = await directory.invitations.look(token);
  const methods = await directory.ssoLogins.methodsOf(open.org, open.email);
  const organization = await whoseOf(site, open.org, open.organization);
  const action = `/invite/${encodeURIComponent(token)}`;
  sendPage(response, status, invitationPage({ ...open, organization, methods, action, error }));
}

/** Mounts the pages for forgotten passwords. */
export function mountPasswords(router: Router, site: PageContext): void {
  const { signIn } = site.directory;
  router.get(
    '/forgot-password',
    answering(async (_request, response) => sendPage(response, 200, forgottenPage)),
  );

  router.post(
    '/forgot-password',
    answering(async (request, response) => {
      requireOwnPage(site, request);
      const email = truncate((await readForm(request, MAX_FORM)).one('email')?.trim() ?? '', 320);
      await signIn.requestReset(email, clientOf(site, request), requestContext(response).requestId);
      sendPage(response, 200, resetSentPage);
    }),
  );

  router.get(
    '/reset-password',
    answering(async (_request, response) => sendPage(response, 200, resetPage(undefined, undefined))),
  );

  router.post(
    '/reset-password',
    answering(async (request, response) => {
      requireOwnPage(site, request);
      const form = await readForm(request, MAX_FORM);
      const token = form.one('token')?.trim() ?? '';
      try {
        const { requestId } = requestContext(response);
        const password = form.one('password') ?? '';
        const { device } = await signIn.resetPassword(token, password, clientOf(site, request), requestId);
        response.append('Set-Cookie', site.devices.write(device));
        sendPage(response, 200, resetDonePage);
      } catch (error) {
        if (!(error instanceof DomainError) || error.kind !== 'invalid') throw error;
        sendPage(response, 422, resetPage(token, error.message));
      }
    }),
  );
}

/** Mounts what the link to confirm an address opens. */
export function mountEmailChanges(router: Router, site: PageContext): void {
  const { look, confirm } = site.directory.emailChanges;
  mountConfirmation(router, site, '/confirm-email', {
    look,
    confirm,
    ask: emailChangePage,
    done: emailChangedPage,
  });
}

/** Mounts what the link to confirm an identity opens. */
export function mountConfirmations(router: Router, site: PageContext): void {
  const { look, accept } = site.directory.ssoLogins.confirmations;
  const done = (_: unknown, whose: Whose) => confirmedPage(whose);
  mountConfirmation(router, site, '/sso/confirm', { look, confirm: accept, ask: confirmPage, done });
}

/** Mounts the two pages of a mailed link: looking changes nothing, only the button does (R17). */
function mountConfirmation<Open extends { readonly org: OrgId; readonly organization: string }>(
  router: Router,
  site: PageContext,
  path: string,
  {
    look,
    confirm,
    ask,
    done,
  }: {
    readonly look: (token: string) => Promise<Open>;
    readonly confirm: (token: string, client: Client, requestId: string) => Promise<Open>;
    /** @param action the address to which the button posts */
    readonly ask: (open: Open, whose: Whose, action: string) => Page;
    readonly done: (changed: Open, whose: Whose) => Page;
  },
): void {
  const whose = ({ org, organization }: Open) => whoseOf(site, org, organization);

  router.get(
    `${path}/:token`,
    answering(async (request, response) => {
      const token = tokenOf(request);
      const open = await look(token);
      sendPage(response, 200, ask(open, await whose(open), `${path}/${encodeURIComponent(token)}`));
    }),
  );

  router.post(
    `${path}/:token`,
    answering(async (request, response) => {
      requireOwnPage(site, request);
      const { requestId } = requestContext(response);
      const changed = await confirm(tokenOf(request), clientOf(site, request), requestId);
      sendPage(response, 200, done(changed, await whose(changed)));
    }),
  );
}
