import type { Router } from 'express';
import { DomainError } from '../../directory/errors.ts';
import { readForm } from '../../http/form.ts';
import { requestContext } from '../../http/request-context.ts';
import { truncate } from '../../platform/truncate.ts';
import { sendPage } from '../page.ts';
import { answering, clientOf, type PageContext, requireOwnPage } from '../page-context.ts';
import { forgottenPage, resetDonePage, resetPage, resetSentPage } from '../password-pages.ts';

const MAX_FORM = 16 * 1024;

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
