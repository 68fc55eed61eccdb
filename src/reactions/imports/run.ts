import { z } from 'zod';
import type { OrgId } from '../../directory/ids.ts';
import type { ImportRuns } from '../../directory/imports/run.ts';
import type { JobHandler } from '../../jobs/queue.ts';

const payloadShape = z.object({ org: z.uuid(), id: z.uuid() });

/** A third of the lease at most, and mails of a large import begin to go out before its end. */
const BATCH = { rows: 100, milliseconds: 20_000 };

/** Builds the handler that carries out confirmed imports, a batch a job. */
export function createImportHandler(runs: ImportRuns): JobHandler {
  return async (payload) => {
    const { org, id } = payloadShape.parse(payload);
    await runs.runBatch(org as OrgId, id, BATCH);
  };
}
