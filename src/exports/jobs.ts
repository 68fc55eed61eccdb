import { z } from 'zod';
import type { OrgId, UserId } from '../directory/ids.ts';
import type { Database } from '../platform/db/database.ts';
import { defineJob, type JobKind } from '../platform/jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../platform/jobs/retry-policy.ts';
import { collectExport } from './collect.ts';
import { EXPORT_JOB } from './commands.ts';

/** Declares the job that makes the zip of an export. */
export function exportJob(db: Database, now: () => Date): JobKind {
  return defineJob({
    name: EXPORT_JOB,
    payload: z.object({ org: z.uuid(), id: z.uuid(), user: z.uuid() }),
    concurrency: 2,
    retry: BRIEF_RETRIES,
    handle: ({ org, id, user }) =>
      collectExport(db, { org: org as OrgId, id, user: user as UserId }, now().toISOString()),
  });
}
