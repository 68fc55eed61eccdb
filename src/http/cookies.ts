import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parse as parseCookies, serialize as serializeCookie } from 'cookie';

/**
 * A cookie of ours, which no script reads and only navigations of this site bring along.
 * @param publicUrl only a browser on https takes the prefix that ties the cookie to this very host
 */
function createHostCookie(publicUrl: string, plainName: string) {
  const secure = new URL(publicUrl).protocol === 'https:';
  const name = secure ? `__Host-${plainName}` : plainName;
  return {
    read: ({ headers }: IncomingMessage): string | undefined => parseCookies(headers.cookie ?? '')[name],
    /** @param maxAge in seconds; undefined: until the browser is closed @returns the `Set-Cookie` */
    write: (value: string, maxAge: number | undefined): string =>
      serializeCookie(name, value, {
        httpOnly: true,
        secure,
        sameSite: 'lax',
        path: '/',
        ...(maxAge === undefined ? {} : { maxAge }),
      }),
  };
}

/** The cookie with a session's token, read and written in one way by pages and REST. */
export interface SessionCookie {
  /** The token that a request brings along. */
  read(request: IncomingMessage): string | undefined;
  /** The `Set-Cookie` of a session that begins or ends. */
  write(session: { readonly token: string } | 'clear'): string;
}

/** @param publicUrl where browsers reach this server */
export function createSessionCookie(publicUrl: string): SessionCookie {
  const { read, write } = createHostCookie(publicUrl, 'sid');
  return {
    read,
    write: (session) => (session === 'clear' ? write('', 0) : write(session.token, undefined)),
  };
}

/** The cookie with the token of a demonstration's session: it counts only beside the session's own (ADR 0050). */
export function createDemonstrationCookie(publicUrl: string): SessionCookie {
  const { read, write } = createHostCookie(publicUrl, 'demonstration');
  return {
    read,
    write: (session) => (session === 'clear' ? write('', 0) : write(session.token, undefined)),
  };
}

/** Whether a request that changes something comes from a page of another site. */
export function isForeign({ headers }: IncomingMessage, ownOrigin: string): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  return (origin !== undefined && origin !== ownOrigin) || site === 'cross-site';
}

const DEVICE_SECONDS = 180 * 86_400;

/** The cookie by which a device is known that signed in before. */
export interface DeviceCookie {
  read(request: IncomingMessage): string | undefined;
  /** @returns the `Set-Cookie` */
  write(value: string): string;
}

/** @param publicUrl where browsers reach this server */
export function createDeviceCookie(publicUrl: string): DeviceCookie {
  const { read, write } = createHostCookie(publicUrl, 'device');
  return { read, write: (value) => write(value, DEVICE_SECONDS) };
}

/** Seconds that a sign-in may take, from the first page to the provider's answer. */
const BINDING_SECONDS = 600;

/** What ties an answer to the browser in which its sign-in began. */
export interface BrowserBinding {
  /** What this browser was given, if anything. */
  read(request: IncomingMessage): string | undefined;
  /**
   * The browser's current value or a new one: several tabs may sign in concurrently.
   * @returns the value, and its `Set-Cookie`
   */
  give(request: IncomingMessage): { readonly browser: string; readonly cookie: string };
}

/**
 * The provider's POST comes from another site and does not bring this cookie, which is `SameSite=Lax`; its page is
 * therefore sent on by ourselves, once.
 * @param publicUrl where browsers reach this server
 */
export function createBrowserBinding(publicUrl: string): BrowserBinding {
  const cookie = createHostCookie(publicUrl, 'sso');
  const read: BrowserBinding['read'] = (request) => {
    const value = cookie.read(request);
    return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
  };
  return {
    read,
    give: (request) => {
      const browser = read(request) ?? randomBytes(32).toString('base64url');
      return { browser, cookie: cookie.write(browser, BINDING_SECONDS) };
    },
  };
}
