import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parse as parseCookies, serialize as serializeCookie } from 'cookie';

/** Seconds that a sign-in may take, from the first page to the provider's answer. */
const MAX_AGE = 600;

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
 * A cookie that only navigations of this site bring along (`SameSite=Lax`). The provider's POST comes from another
 * site and brings none; its page is therefore sent on by ourselves, once.
 * @param publicUrl only a browser on https takes the prefix that ties the cookie to this very host
 */
export function createBrowserBinding(publicUrl: string): BrowserBinding {
  const secure = new URL(publicUrl).protocol === 'https:';
  const name = secure ? '__Host-sso' : 'sso';
  const read: BrowserBinding['read'] = ({ headers }) => {
    const value = parseCookies(headers.cookie ?? '')[name];
    return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
  };
  return {
    read,
    give: (request) => {
      const browser = read(request) ?? randomBytes(32).toString('base64url');
      const options = { httpOnly: true, secure, sameSite: 'lax', path: '/', maxAge: MAX_AGE } as const;
      return { browser, cookie: serializeCookie(name, browser, options) };
    },
  };
}
