import { createStreamQueries } from '../audit-streams/queries.ts';
import type { Core } from '../core.ts';
import { createReviewQueries } from '../reviews/queries.ts';
import { createAttentionQueries } from './queries.ts';
import { attentionRoutes } from './routes.ts';

/** What needs attention, derived from what other features store. */
export function attentionFeature(core: Core) {
  const attention = createAttentionQueries({
    ...core,
    reviewQueries: createReviewQueries(core),
    streamQueries: createStreamQueries(core),
  });
  return { routes: attentionRoutes({ attention }) };
}
