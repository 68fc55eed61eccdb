import type { CommandDependencies } from '../directory/command-dependencies.ts';
import { DomainError } from '../directory/errors.ts';
import { notFound } from '../directory/not-found.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { requireWholeOrganization } from '../directory/roles/rules/guards.ts';
import {
  discardDeadJobs,
  findJob,
  type Job,
  type JobFilter,
  listJobs,
  retryDeadJobs,
} from './store/job-log.ts';

export { JOB_STATES, type Job } from './store/job-log.ts';

/** Background work of an organization, as its administrators see it. Needs `settings:manage`. */
export interface JobAdministration {
  /** The newest first. @throws DomainError `forbidden` */
  list(by: Authority, filter: JobFilter): Promise<Job[]>;
  /** @throws DomainError `not_found`, `forbidden` */
  get(by: Authority, id: string): Promise<Job>;
  /** Puts a dead job back into the queue. @throws DomainError `not_found`, `conflict` if it is not dead, `forbidden` */
  retry(by: Authority, id: string): Promise<Job>;
  /** Puts all dead jobs back, or those of a kind. @returns how many @throws DomainError `forbidden` */
  retryAll(by: Authority, kind: string | undefined): Promise<number>;
  /** Deletes a dead job. @throws DomainError `not_found`, `conflict` if it is not dead, `forbidden` */
  discard(by: Authority, id: string): Promise<void>;
}

/** Builds the administration of background work. */
export function createJobAdministration({ db, now, runner }: CommandDependencies): JobAdministration {
  const notDead = () =>
    new DomainError('conflict', 'This job is not dead: only dead jobs are retried or discarded.');
  const jobNotFound = () => notFound('job');

  return {
    list: async (by, filter) => {
      requireWholeOrganization(by, 'settings:manage');
      return listJobs(db, by.org, filter, now().toISOString());
    },

    get: async (by, id) => {
      requireWholeOrganization(by, 'settings:manage');
      const job = await findJob(db, by.org, id, now().toISOString());
      if (job === undefined) throw jobNotFound();
      return job;
    },

    retry: (by, id) =>
      runner.runAs(by, async ({ tx, org, at, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'settings:manage');
        if ((await findJob(tx, org, id, at)) === undefined) throw jobNotFound();
        if ((await retryDeadJobs(tx, { org, id, kind: undefined }, at)) === 0) throw notDead();
        recordEvent({ action: 'job.retried', target: ['job', id] });
        return (await findJob(tx, org, id, at)) as Job;
      }),

    retryAll: (by, kind) =>
      runner.runAs(by, async ({ tx, org, at, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'settings:manage');
        const jobs = await retryDeadJobs(tx, { org, id: undefined, kind }, at);
        if (jobs > 0)
          recordEvent({
            action: 'job.retried',
            target: ['organization', org],
            changes: { values: { jobs: [null, jobs] } },
          });
        return jobs;
      }),

    discard: (by, id) =>
      runner.runAs(by, async ({ tx, org, at, recordEvent }, actor) => {
        requireWholeOrganization(actor, 'settings:manage');
        if ((await findJob(tx, org, id, at)) === undefined) throw jobNotFound();
        if ((await discardDeadJobs(tx, { org, id, kind: undefined })) === 0) throw notDead();
        recordEvent({ action: 'job.discarded', target: ['job', id] });
      }),
  };
}
