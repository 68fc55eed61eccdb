import { z } from 'zod';
import type { OrgId } from '../directory/ids.ts';
import { defineJob, type JobKind } from '../platform/jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../platform/jobs/retry-policy.ts';
import { UNDO_JOB } from './commands.ts';
import type { UndoRuns } from './run.ts';

/** Another undo gets its turn after so much of one. */
const BATCH = { items: 500, milliseconds: 20_000 };

/** Declares the job that carries out confirmed undos, a batch a job. */
export function undoJob(runs: UndoRuns): JobKind {
  return defineJob({
    name: UNDO_JOB,
    payload: z.object({ org: z.uuid(), id: z.uuid() }),
    concurrency: 2,
    retry: BRIEF_RETRIES,
    handle: ({ org, id }, { signal }) => runs.runBatch(org as OrgId, id, BATCH, signal),
  });
}
