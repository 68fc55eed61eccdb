import type { Request, Response } from 'express';
import { DomainError } from '../directory/errors.ts';
import type { OrgId } from '../directory/ids.ts';
import type { LogoQueries } from '../directory/organizations/logo/queries.ts';
import type { UserQueries } from '../directory/users/queries.ts';
import type { EmailChangeCommands } from '../email-changes/commands.ts';
import { BodyAborted, BodyTooLarge } from '../http/body.ts';
import { TooBusy } from '../http/bounded-semaphore.ts';
import { type BrowserBinding, type DeviceCookie, isForeign, type SessionCookie } from '../http/cookies.ts';
import { MalformedForm } from '../http/form.ts';
import { MalformedQuery } from '../http/query.ts';
import { requestContext } from '../http/request-context.ts';
import { describeUnavailable } from '../http/unavailable.ts';
import type { InvitationCommands } from '../invitations/commands.ts';
import type { RelyingParty } from '../oidc/relying-party.ts';
import { DatabaseUnavailable } from '../platform/db/unavailable.ts';
import type { Locate } from '../platform/locations/location.ts';
import { truncate } from '../platform/truncate.ts';
import type { SetUpLinkCommands } from '../set-up-links/commands.ts';
import type { SignInCommands } from '../sign-in/commands.ts';
import type { SecurityQueries } from '../sign-in/queries.ts';
import type { LiveSession, Sessions } from '../sign-in/sessions.ts';
import type { SsoLogins } from '../sso/login/sso-logins.ts';
import { messagePage } from './outcome-pages.ts';
import { sendPage, type Whose } from './page.ts';

/** The commands and queries behind the pages. */
export interface PageCommands {
  readonly ssoLogins: SsoLogins;
  readonly signIn: SignInCommands;
  readonly sessions: Sessions;
  readonly userQueries: UserQueries;
  readonly security: SecurityQueries;
  readonly invitations: InvitationCommands;
  readonly emailChanges: EmailChangeCommands;
  readonly setUpLinkCommands: Pick<SetUpLinkCommands, 'useTest'>;
  readonly logoQueries: LogoQueries;
  readonly locate: Locate;
}

/** What every page and address of single sign-on works with. */
export interface PageContext {
  readonly directory: PageCommands;
  readonly relyingParty: RelyingParty;
  readonly sessionCookie: SessionCookie;
  readonly devices: DeviceCookie;
  readonly browsers: BrowserBinding;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  readonly now: () => Date;
}

/** The session that a request has, if it is live. */
export async function sessionOf(
  site: PageContext,
  request: Request,
  response: Response,
): Promise<LiveSession | undefined> {
  const { directory, sessionCookie } = site;
  const token = sessionCookie.read(request);
  if (token === undefined) return undefined;
  const context = requestContext(response);
  const session = await directory.sessions.verify(token, context.requestId, clientOf(site, request));
  if (session !== undefined) {
    context.organization = session.authority.org;
    context.user = session.authority.rights.id;
  }
  return session;
}

/** Where a request comes from. */
export const clientOf = ({ devices, directory }: PageContext, request: Request) => ({
  ip: request.ip,
  userAgent: truncate(request.headers['user-agent'], 500),
  country: directory.locate(request.ip)?.country,
  device: devices.read(request),
});

/** The organization that a page names, with its logo. */
export async function whoseOf({ directory }: PageContext, org: OrgId, name: string): Promise<Whose> {
  return { name, logo: await directory.logoQueries.pathOf(org) };
}

type Handler = (request: Request, response: Response) => Promise<void>;

/** Answers what goes wrong with a page; failures of ours continue to the edge. */
export function answering(handler: Handler): Handler {
  return async (request, response) => {
    try {
      await handler(request, response);
    } catch (error) {
      if (error instanceof BodyAborted) {
        response.destroy();
        return;
      }
      if (error instanceof DatabaseUnavailable) requestContext(response).unavailable = error;
      const [status, sentence] = sentenceOf(error) ?? [];
      if (status === undefined || response.headersSent) throw error;
      if (error instanceof DomainError && error.retryAfter !== undefined) {
        response.set('Retry-After', String(error.retryAfter));
      }
      if (error instanceof BodyTooLarge) response.set('Connection', 'close');
      sendPage(response, status, messagePage(titleOf(status), sentence as string));
    }
  };
}

const TITLES: ReadonlyMap<number, string> = new Map([
  [401, 'Sign-in required'],
  [403, 'Not allowed'],
  [404, 'Not found'],
  [410, 'Link expired'],
  [413, 'Form too large'],
  [429, 'Too many attempts'],
  [503, 'Temporarily unavailable'],
]);
const titleOf = (status: number): string => TITLES.get(status) ?? 'Request refused';

function sentenceOf(error: unknown): [status: number, sentence: string] | undefined {
  if (error instanceof DomainError) {
    const statuses = {
      missing: 404,
      throttled: 429,
      forbidden: 403,
      unauthenticated: 401,
      gone: 410,
    } as const;
    return [error.kind in statuses ? statuses[error.kind as keyof typeof statuses] : 409, error.message];
  }
  if (error instanceof MalformedForm || error instanceof MalformedQuery) return [400, error.message];
  if (error instanceof TooBusy) return [503, 'Too many sign-ins at the moment. Try again shortly.'];
  if (error instanceof BodyTooLarge) return [413, `The form is larger than ${error.limit} bytes.`];
  return error instanceof DatabaseUnavailable ? [503, describeUnavailable(error)] : undefined;
}

/** @throws DomainError `forbidden` for a form that another site's page has sent (login CSRF) */
export function requireOwnPage({ publicUrl }: PageContext, request: Request): void {
  if (isForeign(request, new URL(publicUrl).origin)) throw foreignPage();
}

export const foreignPage = (): DomainError =>
  new DomainError('forbidden', 'This form did not come from a page of this site. Start again.');
