import type { IncomingMessage } from 'node:http';
import { parse as parseCookies, serialize as serializeCookie } from 'cookie';

const MAX_AGE_SECONDS = 180 * 86_400;

/** The cookie by which a device is known that signed in before. */
export interface DeviceCookie {
  read(request: IncomingMessage): string | undefined;
  /** @returns the `Set-Cookie` */
  write(value: string): string;
}

/** @param publicUrl only a browser on https takes the prefix that ties the cookie to this very host */
export function createDeviceCookie(publicUrl: string): DeviceCookie {
  const secure = new URL(publicUrl).protocol === 'https:';
  const name = secure ? '__Host-device' : 'device';
  return {
    read: ({ headers }) => parseCookies(headers.cookie ?? '')[name],
    write: (value) =>
      serializeCookie(name, value, {
        httpOnly: true,
        secure,
        sameSite: 'lax',
        path: '/',
        maxAge: MAX_AGE_SECONDS,
      }),
  };
}
