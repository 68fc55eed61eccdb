import type { Core } from '../core.ts';
import { createAuditExport } from './export.ts';
import { createAuditQueries } from './queries.ts';
import { auditRoutes } from './routes.ts';
import { createSealPublishing, publishingJob } from './seal-publishing.ts';
import { createSealQueries } from './seal-queries.ts';
import { createSealing, sealJob } from './seals.ts';

/** What happened: search, export, seals. */
export function auditFeature(core: Core) {
  const audit = createAuditQueries(core);
  const sealEvents = createSealing(core);
  const publishSeals = createSealPublishing(core);
  return {
    audit,
    sealEvents,
    publishSeals,
    routes: auditRoutes({
      audit,
      auditExport: createAuditExport({ ...core, audit }),
      seals: createSealQueries(core),
    }),
    jobs: [sealJob(sealEvents), publishingJob(publishSeals)],
  };
}
