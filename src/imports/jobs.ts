import { z } from 'zod';
import type { OrgId } from '../directory/ids.ts';
import { defineJob, type JobKind } from '../platform/jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../platform/jobs/retry-policy.ts';
import { IMPORT_JOB } from './commands.ts';
import type { ImportRuns } from './run.ts';

/** Another import gets its turn after so much of one. */
const BATCH = { rows: 100, milliseconds: 20_000 };

/** Declares the job that carries out confirmed imports, a batch a job. */
export function importJob(runs: ImportRuns): JobKind {
  return defineJob({
    name: IMPORT_JOB,
    payload: z.object({ org: z.uuid(), id: z.uuid() }),
    concurrency: 2,
    retry: BRIEF_RETRIES,
    handle: ({ org, id }, { signal }) => runs.runBatch(org as OrgId, id, BATCH, signal),
  });
}
