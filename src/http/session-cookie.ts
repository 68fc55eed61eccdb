import type { IncomingMessage } from 'node:http';
import { parse as parseCookies, serialize as serializeCookie } from 'cookie';

/** The cookie with a session's token, read and written in one way by pages and REST. */
export interface SessionCookie {
  /** The token that a request brings along. */
  read(request: IncomingMessage): string | undefined;
  /** The `Set-Cookie` of a session that begins or ends. */
  write(session: { readonly token: string } | 'clear'): string;
}

/** @param publicUrl only a browser on https takes the prefix that ties the cookie to this very host */
export function createSessionCookie(publicUrl: string): SessionCookie {
  const secure = new URL(publicUrl).protocol === 'https:';
  const name = secure ? '__Host-sid' : 'sid';
  return {
    read: (request) => parseCookies(request.headers.cookie ?? '')[name],
    write: (session) =>
      serializeCookie(name, session === 'clear' ? '' : session.token, {
        httpOnly: true,
        secure,
        sameSite: 'lax',
        path: '/',
        ...(session === 'clear' ? { maxAge: 0 } : {}),
      }),
  };
}

/** Whether a request that changes something comes from a page of another site. */
export function isForeign({ headers }: IncomingMessage, ownOrigin: string): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  return (origin !== undefined && origin !== ownOrigin) || site === 'cross-site';
}
