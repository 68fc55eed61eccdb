import { z } from 'zod';
import type { OrgId } from '../directory/ids.ts';
import type { Database } from '../platform/db/database.ts';
import { retryable } from '../platform/db/errors.ts';
import { DatabaseUnavailable } from '../platform/db/unavailable.ts';
import { defineJob, type JobKind, PermanentFailure } from '../platform/jobs/job-kind.ts';
import { BRIEF_RETRIES } from '../platform/jobs/retry-policy.ts';
import { DEMONSTRATION_JOB } from './commands.ts';
import { loadDemonstration } from './load/load.ts';
import type { OpenPast } from './past.ts';
import { removeDemonstration } from './remove.ts';
import { findDemonstration, forgetDemonstration, writeLoaded } from './store/demonstrations.ts';

export interface DemonstrationJobDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly openPast: OpenPast;
}

/** Declares the job that loads and removes demonstrations: what was cut off is removed, and begins again. */
export function demonstrationJob(dependencies: DemonstrationJobDependencies): JobKind {
  return defineJob({
    name: DEMONSTRATION_JOB,
    payload: z.object({ org: z.uuid() }),
    concurrency: 1,
    retry: BRIEF_RETRIES,
    handle: async ({ org }, { signal }) => tendDemonstration(dependencies, org as OrgId, signal),
  });
}

/** Does what the state of an organization's demonstration asks for. */
async function tendDemonstration(
  { db, now, openPast }: DemonstrationJobDependencies,
  org: OrgId,
  signal: AbortSignal,
): Promise<void> {
  if ((await findDemonstration(db, org))?.state === 'loading') {
    try {
      await removeDemonstration(db, org, signal);
      await loadDemonstration({ db, now, openPast }, org, signal);
      if (await writeLoaded(db, org, 'ready', now().toISOString())) return;
    } catch (error) {
      if (signal.aborted || error instanceof DatabaseUnavailable || retryable(error)) throw error;
      if (await writeLoaded(db, org, 'failed', now().toISOString())) {
        throw new PermanentFailure(`The demonstration was not loaded: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  }
  if ((await findDemonstration(db, org))?.state !== 'removing') return;
  await removeDemonstration(db, org, signal);
  await forgetDemonstration(db, org);
}
