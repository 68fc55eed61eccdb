import type { Core } from '../core.ts';
import { createAuditExport } from './export.ts';
import { createAuditQueries } from './queries.ts';
import { eventRoutes } from './routes/events.ts';
import { sealRoutes } from './routes/seals.ts';
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
    routes: [
      ...eventRoutes({ ...core, audit, auditExport: createAuditExport({ ...core, audit }) }),
      ...sealRoutes({ seals: createSealQueries(core) }),
    ],
    jobs: [sealJob(sealEvents), publishingJob(publishSeals)],
  };
}
