import { createStreamQueries } from '../audit-streams/queries.ts';
import type { Core } from '../core.ts';
import type { PostureQueries } from '../posture/queries.ts';
import { createReviewQueries } from '../reviews/queries.ts';
import { createAttentionQueries } from './queries.ts';
import { attentionRoutes } from './routes.ts';

/** What needs attention, derived from what other features store. */
export function attentionFeature(core: Core, { posture }: { readonly posture: PostureQueries }) {
  const attention = createAttentionQueries({
    ...core,
    posture,
    reviewQueries: createReviewQueries(core),
    streamQueries: createStreamQueries(core),
  });
  return { routes: attentionRoutes({ attention }) };
}
