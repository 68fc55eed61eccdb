import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Request, Response, Router } from 'express';
import serveCompressed from 'express-static-gzip';
import { answering, type PageContext, sessionOf } from '../page-context.ts';

/** Where those lead who set a connection up with a link, without an account. */
const WITHOUT_SESSION = '/set-up';

/** The first segments of the console's paths; its router has what lies below them. */
const PLACES = new Set([
  'account',
  'activity',
  'alerts',
  'api-keys',
  'api-reference',
  'audit',
  'components',
  'confirmed',
  'elevations',
  'groups',
  'help',
  'history',
  'jobs',
  'posture',
  'provisioning',
  'reviews',
  'service-accounts',
  'settings',
  'signed-in',
  'single-sign-on',
  'users',
  'webhooks',
]);

const NONCE = '<meta name="csp-nonce" content="" />';

/**
 * Mounts the console: its one page below every path of it, for those who are signed in, and its files.
 * @param folder where `npm run build` has put it
 * @throws Error if it is not there
 */
export function mountConsole(router: Router, site: PageContext, folder: string): void {
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  if (!page.includes(NONCE))
    throw new Error(`${folder} holds no console of this version: run npm run build.`);
  // Their names change with their content.
  router.use(
    '/assets',
    serveCompressed(join(folder, 'assets'), {
      index: false,
      enableBrotli: true,
      orderPreference: ['br'],
      serveStatic: { immutable: true, maxAge: '1y', redirect: false, dotfiles: 'ignore' },
    }),
    // A file that has gone away: what was said of it is not true of the answer that says so.
    (_request, response, next) => {
      for (const name of ['Content-Encoding', 'Content-Type', 'Vary']) response.removeHeader(name);
      next();
    },
  );
  for (const file of ['favicon.svg', 'color-scheme.js']) {
    router.get(`/${file}`, (_request, response) => {
      response.set({ 'Cache-Control': 'max-age=3600', 'X-Content-Type-Options': 'nosniff' });
      response.sendFile(file, { root: folder });
    });
  }

  const send = async (request: Request, response: Response): Promise<void> => {
    if (request.path !== WITHOUT_SESSION && (await sessionOf(site, request, response)) === undefined) {
      const to = request.originalUrl === '/' ? '' : `?return_to=${encodeURIComponent(request.originalUrl)}`;
      response.set('Cache-Control', 'no-store').redirect(303, `/sign-in${to}`);
      return;
    }
    const nonce = randomBytes(16).toString('base64');
    response
      .set({
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': policy(nonce),
        'Cache-Control': 'no-store',
        'Referrer-Policy': 'same-origin',
        'X-Content-Type-Options': 'nosniff',
        'X-Frame-Options': 'DENY',
      })
      .end(page.replace(NONCE, `<meta name="csp-nonce" content="${nonce}" />`));
  };
  router.get(
    /^\/([^/]*)(?:\/.*)?$/,
    (request, _response, next) => next(isPlace(request.path) ? undefined : 'route'),
    answering(send),
  );
}

/** The console's typeface, for pages that are not the console's. */
export function fontFaces(folder: string): string {
  const latin = readdirSync(join(folder, 'assets')).find((name) =>
    /^inter-latin-opsz-normal-.*\.woff2$/.test(name),
  );
  if (latin === undefined) return '';
  return `@font-face{font-family:"Inter Variable";font-display:swap;font-weight:100 900;src:url(/assets/${latin}) format("woff2")}\n`;
}

const isPlace = (path: string): boolean => {
  const [, first = ''] = path.split('/');
  return first === '' ? path === '/' : path === WITHOUT_SESSION || PLACES.has(first);
};

/** Nothing from elsewhere, and no style that the page itself did not write. */
const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
