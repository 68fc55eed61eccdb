import type { Router } from 'express';
import { answering, type PageContext } from '../page-context.ts';

/** Mounts where logos are served: an image that a stranger uploaded is drawn, and never anything else. */
export function mountLogos(router: Router, { directory }: PageContext): void {
  router.get(
    '/logo/:address',
    answering(async (request, response) => {
      const logo = await directory.logoQueries.read(request.params['address'] as string);
      response.set({
        'Content-Security-Policy': "default-src 'none'; sandbox",
        'X-Content-Type-Options': 'nosniff',
        'Cross-Origin-Resource-Policy': 'same-origin',
      });
      if (logo === undefined) {
        response.status(404).set('Cache-Control', 'no-store').type('text/plain').end('Not found.');
        return;
      }
      // Another image has another address.
      response
        .set({ 'Content-Type': logo.type, 'Cache-Control': 'public, max-age=31536000, immutable' })
        .end(logo.content);
    }),
  );
}
