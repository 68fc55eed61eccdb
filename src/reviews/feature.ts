import type { Core } from '../core.ts';
import { createReviewCommands } from './commands.ts';
import { createReviewDecisions } from './decisions.ts';
import { reviewJobs } from './jobs.ts';
import { createOpening } from './opening.ts';
import { createReviewQueries } from './queries.ts';
import { createReviewReports } from './report.ts';
import { reviewItemRoutes } from './routes/items.ts';
import { reviewRoutes } from './routes/reviews.ts';
import { createTending } from './tending.ts';

/** Access reviews. */
export function reviewsFeature(core: Core) {
  const tending = createTending(core);
  const opening = createOpening(core);
  const parts = {
    ...core,
    reviews: createReviewCommands(core),
    reviewDecisions: createReviewDecisions(core),
    reviewQueries: createReviewQueries(core),
    reviewReports: createReviewReports(core),
  };
  return {
    tending,
    opening,
    routes: [...reviewRoutes(parts), ...reviewItemRoutes(parts)],
    jobs: reviewJobs(core, opening, tending),
  };
}
