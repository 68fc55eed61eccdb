import type { Router } from 'express';
import { requestContext } from '../../http/request-context.ts';
import { emailChangedPage, emailChangePage } from '../email-change-pages.ts';
import { sendPage } from '../page.ts';
import { answering, clientOf, type PageContext, requireOwnPage } from '../page-context.ts';

/** Mounts what the link to confirm an address opens: looking changes nothing, only the button does (R17). */
export function mountEmailChanges(router: Router, site: PageContext): void {
  const { emailChanges } = site.directory;

  router.get(
    '/confirm-email/:token',
    answering(async (request, response) => {
      const token = request.params['token'] as string;
      const open = await emailChanges.look(token);
      sendPage(response, 200, emailChangePage(open, `/confirm-email/${encodeURIComponent(token)}`));
    }),
  );

  router.post(
    '/confirm-email/:token',
    answering(async (request, response) => {
      requireOwnPage(site, request);
      const { requestId } = requestContext(response);
      const changed = await emailChanges.confirm(
        request.params['token'] as string,
        clientOf(site, request),
        requestId,
      );
      sendPage(response, 200, emailChangedPage(changed));
    }),
  );
}
