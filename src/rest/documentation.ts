import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Router } from 'express';
import { describeRoutes } from './openapi/openapi.ts';
import type { Route } from './route.ts';

const require = createRequire(import.meta.url);

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Rollcall administration API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="docs/swagger-ui.css"></head>
<body><div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script><script src="docs/start.js"></script></body></html>`;

/** Sends requests as the signed-in user: every change carries the CSRF token. */
const START = `let csrf;
SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#page',
  deepLinking: true,
  docExpansion: 'none',
  requestInterceptor: async (request) => {
    if (!request.loadSpec && request.method !== 'GET') {
      csrf ??= (await (await fetch('me')).json()).csrfToken;
      if (csrf) request.headers['X-CSRF-Token'] = csrf;
    }
    return request;
  },
});`;

/** Nothing from elsewhere: the page may ask this server and no other user. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

const files: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
]);

/** Serves `openapi.json` and a page to read it and try it. */
export function createDocumentation(routes: readonly Route[], version: string): Router {
  const router = Router();
  const folder = dirname(require.resolve('swagger-ui-dist/package.json'));
  const description = JSON.stringify(describeRoutes(routes, version));
  router.get('/openapi.json', (_request, response) => {
    response.type('application/json').set('Cache-Control', 'no-cache').send(description);
  });
  router.get('/docs', (_request, response) => {
    response
      .type('html')
      .set('Content-Security-Policy', POLICY)
      .set('X-Content-Type-Options', 'nosniff')
      .send(PAGE);
  });
  router.get('/docs/start.js', (_request, response) => {
    response.type('text/javascript').send(START);
  });
  for (const [name, type] of files) {
    router.get(`/docs/${name}`, async (_request, response) => {
      const content = await readFile(join(folder, name));
      response.set('Content-Type', type).set('Cache-Control', 'max-age=3600').send(content);
    });
  }
  return router;
}
