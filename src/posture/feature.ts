import type { Logger } from 'pino';
import type { Core } from '../core.ts';
import { createPostureQueries } from './queries.ts';
import { postureRoutes } from './routes.ts';

/** Who has much power, and what is left open. */
export function postureFeature({ db, now }: Core, { log }: { readonly log: Logger }) {
  const posture = createPostureQueries({
    db,
    now,
    onNotCounted: (what, { reason, message, statement }) =>
      log.warn({ what, reason, cause: message, statement }, 'the posture of an organization lacks a figure'),
  });
  return { posture, routes: postureRoutes({ posture }) };
}
