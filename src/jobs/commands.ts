import type { Administer } from '../directory/command-runner.ts';
import { Refusal } from '../directory/errors.ts';
import { notFound } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { demandAll } from '../directory/roles/rules/guards.ts';
import type { Database } from '../platform/db/database.ts';
import {
  discardDeadJobs,
  findJob,
  type JobFilter,
  type JobRow,
  listJobs,
  retryDeadJobs,
} from './store/job-log.ts';

export { JOB_STATES, type JobRow } from './store/job-log.ts';

/** Background work of an organization, as its administrators see it. Needs `settings:manage`. */
export interface JobAdministration {
  /** The newest first. @throws Refusal `forbidden` */
  list(by: Authority, filter: JobFilter): Promise<JobRow[]>;
  /** @throws Refusal `not_found`, `forbidden` */
  get(by: Authority, id: string): Promise<JobRow>;
  /** Puts a dead job back into the queue. @throws Refusal `not_found`, `conflict` if it is not dead, `forbidden` */
  retry(by: Authority, id: string): Promise<JobRow>;
  /** Puts all dead jobs back, or those of a kind. @returns how many @throws Refusal `forbidden` */
  retryAll(by: Authority, kind: string | undefined): Promise<number>;
  /** Deletes a dead job. @throws Refusal `not_found`, `conflict` if it is not dead, `forbidden` */
  discard(by: Authority, id: string): Promise<void>;
}

/** Builds the administration of background work. */
export function createJobAdministration({
  db,
  now,
  administer,
}: {
  readonly db: Database;
  readonly now: () => Date;
  readonly administer: Administer;
}): JobAdministration {
  const notDead = () =>
    new Refusal('conflict', 'This job is not dead: only dead jobs are retried or discarded.');
  const noSuchJob = () => notFound('job');

  return {
    list: async (by, filter) => {
      demandAll(by, 'settings:manage');
      return listJobs(db, by.org, filter, now().toISOString());
    },

    get: async (by, id) => {
      demandAll(by, 'settings:manage');
      const job = await findJob(db, by.org, id, now().toISOString());
      if (job === undefined) throw noSuchJob();
      return job;
    },

    retry: (by, id) =>
      administer.as(by, async ({ tx, org, at, note }, actor) => {
        demandAll(actor, 'settings:manage');
        if ((await findJob(tx, org, id, at)) === undefined) throw noSuchJob();
        if ((await retryDeadJobs(tx, { org, id, kind: undefined }, at)) === 0) throw notDead();
        note({ action: 'job.retried', target: ['job', id] });
        return (await findJob(tx, org, id, at)) as JobRow;
      }),

    retryAll: (by, kind) =>
      administer.as(by, async ({ tx, org, at, note }, actor) => {
        demandAll(actor, 'settings:manage');
        const jobs = await retryDeadJobs(tx, { org, id: undefined, kind }, at);
        if (jobs > 0)
          note({
            action: 'job.retried',
            target: ['organization', org],
            changes: { values: { jobs: [null, jobs] } },
          });
        return jobs;
      }),

    discard: (by, id) =>
      administer.as(by, async ({ tx, org, at, note }, actor) => {
        demandAll(actor, 'settings:manage');
        if ((await findJob(tx, org, id, at)) === undefined) throw noSuchJob();
        if ((await discardDeadJobs(tx, { org, id, kind: undefined })) === 0) throw notDead();
        note({ action: 'job.discarded', target: ['job', id] });
      }),
  };
}
