import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import type { ApiKeys } from '../access/api-keys/verify.ts';
import type { Client } from '../directory/actor.ts';
import { DomainError } from '../directory/errors.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { FORBIDDEN } from '../directory/roles/rules/guards.ts';
import {
  createDemonstrationCookie,
  createDeviceCookie,
  createSessionCookie,
  type DeviceCookie,
  isForeign,
} from '../http/cookies.ts';
import type { RequestLimits } from '../http/rate-limit.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { SetUpLinks } from '../set-up-links/verify.ts';
import type { LiveSession, Sessions } from '../sign-in/sessions.ts';
import { ProblemError } from './problem.ts';
import type { SessionChange } from './route.ts';

/** Who calls, and the session by which we know. */
export interface AuthContext {
  readonly by: Authority;
  readonly session: LiveSession | undefined;
}

export interface Authentication {
  /** @throws DomainError `unauthenticated`; ProblemError `csrf_failed`; TooManyRequests */
  enter(request: IncomingMessage, context: RequestContext, client: Client): Promise<AuthContext>;
  /** The same for routes of set-up links. @throws DomainError `unauthenticated`; TooManyRequests */
  enterByLink(request: IncomingMessage, context: RequestContext, client: Client): Promise<AuthContext>;
  /** The `Set-Cookie` of a session that begins or ends. */
  cookie(session: SessionChange): string;
  readonly devices: DeviceCookie;
  /** @throws ProblemError `csrf_failed` for a change that a page of another site sends */
  requireOwnOrigin(request: IncomingMessage): void;
}

export interface AuthenticationDependencies {
  readonly sessions: Sessions;
  readonly apiKeys: ApiKeys;
  readonly setUpLinks: SetUpLinks;
  /** What links begin with; a page of another origin is another site's. */
  readonly publicUrl: string;
  readonly limits: RequestLimits;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Builds the check that runs before every route that is not public. */
export function createAuthentication({
  sessions,
  apiKeys,
  setUpLinks,
  publicUrl,
  limits,
}: AuthenticationDependencies): Authentication {
  const { origin } = new URL(publicUrl);
  const cookie = createSessionCookie(publicUrl);
  const demonstration = createDemonstrationCookie(publicUrl);

  const countInvalid = (request: IncomingMessage) =>
    limits.countInvalidCredential((request as Partial<Request>).ip);

  const admit = async (context: RequestContext, auth: AuthContext): Promise<AuthContext> => {
    const { org, rights, actor } = auth.by;
    context.organization = org;
    if (actor.type === 'set_up_link') {
      // The user who made the link is not here.
    } else if (actor.type === 'service_account') {
      context.serviceAccount = actor.id;
      context.apiKey = actor.key;
    } else {
      context.user = rights.id;
      if (actor.type === 'api_key') context.apiKey = actor.id;
    }
    await limits.count(org);
    return auth;
  };

  return {
    enter: async (request, context, client) => {
      const { requestId } = context;
      const bearer = bearerOf(request);
      // With a key, a session cookie is ignored, so no page can borrow its reader's session.
      if (bearer !== undefined) {
        const by = await apiKeys.verify(bearer, requestId, client);
        if (by === undefined) {
          await countInvalid(request);
          throw unauthenticated('The API key is unknown, expired, disabled or revoked.');
        }
        return admit(context, { by, session: undefined });
      }
      const token = cookie.read(request);
      const own = token === undefined ? undefined : await sessions.verify(token, requestId, client);
      if (own === undefined)
        throw unauthenticated('Sign in, or send an API key: Authorization: Bearer <key>.');
      const opened = demonstration.read(request);
      // Where the demonstration has ended, a page of it that is still open has the wrong CSRF token for changes.
      const session = (opened && (await sessions.verifyOpened(opened, own, requestId, client))) || own;
      if (!SAFE.has(request.method ?? '')) checkOwnPage(request, origin, session.csrfToken);
      return admit(context, { by: session.authority, session });
    },

    enterByLink: async (request, context, client) => {
      const bearer = bearerOf(request);
      const by = bearer && (await setUpLinks.verify(bearer, context.requestId, client));
      if (bearer === undefined)
        throw unauthenticated('Send the token of the link: Authorization: Bearer <token>.');
      if (by) return admit(context, { by, session: undefined });
      await countInvalid(request);
      throw unauthenticated('This set-up link does not work, or no longer: ask for another one.');
    },

    cookie: (session) => {
      if (session === 'leave') return demonstration.write('clear');
      if (session !== 'clear' && 'demonstration' in session) {
        return demonstration.write({ token: session.demonstration });
      }
      return cookie.write(session);
    },
    devices: createDeviceCookie(publicUrl),

    requireOwnOrigin: (request) => {
      if (SAFE.has(request.method ?? '') || !isForeign(request, origin)) return;
      throw new ProblemError({
        status: 403,
        code: 'csrf_failed',
        detail:
          'A page of another site sent this request: send it from a page of this site, or without Origin.',
      });
    },
  };
}

const bearerOf = (request: IncomingMessage): string | undefined =>
  /^Bearer +([\x21-\x7e]+)$/i.exec(request.headers.authorization?.trim() ?? '')?.[1];

/** A change by cookie must come from our own page: its origin, and the token that only our page can read. */
function checkOwnPage(request: IncomingMessage, origin: string, expected: string): void {
  const sent = request.headers['x-csrf-token'];
  const given = Buffer.from(typeof sent === 'string' ? sent : '');
  const wanted = Buffer.from(expected);
  if (!isForeign(request, origin) && given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new ProblemError({
    status: 403,
    code: 'csrf_failed',
    detail: 'Send the header X-CSRF-Token with the csrfToken that the sign-in and GET /me answer.',
  });
}

const unauthenticated = (sentence: string) => new DomainError('unauthenticated', sentence);

/** For what a user must do themselves. @throws DomainError `forbidden` for an API key */
export function requireSession(session: LiveSession | undefined): LiveSession {
  if (session === undefined) throw new DomainError('forbidden', FORBIDDEN);
  return session;
}
