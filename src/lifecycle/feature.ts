import type { Core } from '../core.ts';
import type { ExportCommands } from '../exports/commands.ts';
import { type BulkDependencies, createBulkCommands } from './bulk.ts';
import { createBulkPreview } from './bulk-preview.ts';
import { bulkRoutes } from './routes/bulk.ts';
import { offboardingRoutes } from './routes/offboarding.ts';
import { removalRoutes } from './routes/removal.ts';

/** How users leave: deletion, erasure, offboarding; and what is done to several users at once. */
export function lifecycleFeature(
  core: Core,
  others: BulkDependencies & { readonly exports: ExportCommands },
) {
  return {
    routes: [
      ...removalRoutes({ ...core, ...others }),
      ...bulkRoutes({ bulk: createBulkCommands(others), previewBulk: createBulkPreview(core) }),
      ...offboardingRoutes({ ...core, ...others }),
    ],
  };
}
