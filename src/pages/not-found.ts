import { Router } from 'express';
import { notFoundPage } from './outcome-pages.ts';
import { sendPage } from './page.ts';

/** What programs ask for, in whose words they are answered. */
const ofPrograms = /^\/(api|scim)(\/|$)/i;

/** Answers a browser that asks for a page that is not there; everything else goes on. Mounted behind all pages. */
export function createNotFoundRouter(): Router {
  const router = Router();
  router.get(/.*/, (request, response, next) => {
    if (ofPrograms.test(request.path) || request.accepts(['json', 'html']) !== 'html') next();
    else sendPage(response, 404, notFoundPage);
  });
  return router;
}
