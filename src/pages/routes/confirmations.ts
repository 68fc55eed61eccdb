import type { Router } from 'express';
import { requestContext } from '../../http/request-context.ts';
import { confirmedPage, confirmPage } from '../outcome-pages.ts';
import { sendPage } from '../page.ts';
import { answering, clientOf, type PageContext, requireOwnPage } from '../page-context.ts';

/** Mounts what the link of a confirmation mail opens: looking changes nothing, only the button does (R17). */
export function mountConfirmations(router: Router, site: PageContext): void {
  const { confirmations } = site.directory.ssoLogins;

  router.get(
    '/sso/confirm/:token',
    answering(async (request, response) => {
      const token = request.params['token'] as string;
      const open = await confirmations.look(token);
      sendPage(response, 200, confirmPage(open, `/sso/confirm/${encodeURIComponent(token)}`));
    }),
  );

  router.post(
    '/sso/confirm/:token',
    answering(async (request, response) => {
      requireOwnPage(site, request);
      const { requestId } = requestContext(response);
      await confirmations.accept(request.params['token'] as string, clientOf(site, request), requestId);
      sendPage(response, 200, confirmedPage);
    }),
  );
}
