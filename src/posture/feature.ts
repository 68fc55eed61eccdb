import type { Core } from '../core.ts';
import { createPostureQueries } from './queries.ts';
import { postureRoutes } from './routes.ts';

/** Who has much power, and what is left open. */
export function postureFeature(core: Core) {
  const posture = createPostureQueries(core);
  return { posture, routes: postureRoutes({ posture }) };
}
