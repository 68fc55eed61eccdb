import type { Request, Response, Router } from 'express';
import { DomainError } from '../../directory/errors.ts';
import { readForm } from '../../http/form.ts';
import { requestContext } from '../../http/request-context.ts';
import { invitationPage } from '../invitation-page.ts';
import { sendPage } from '../page.ts';
import { answering, clientOf, type PageContext, requireOwnPage } from '../page-context.ts';

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
  { directory }: PageContext,
  request: Request,
  response: Response,
  status: number,
  error: string | undefined,
): Promise<void> {
  const token = tokenOf(request);
  const open = await directory.invitations.look(token);
  const methods = await directory.ssoLogins.methodsOf(open.org, open.email);
  const action = `/invite/${encodeURIComponent(token)}`;
  sendPage(response, status, invitationPage({ ...open, methods, action, error }));
}
