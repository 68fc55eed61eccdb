import { defineSchedule, type JobKind } from '../platform/jobs/job-kind.ts';

/** How often the schedule looks for metadata, domains and keys whose time has come. */
const WATCH_SECONDS = 900;

/** What the schedule does about single sign-on. */
export interface SsoSchedule {
  readonly refreshMetadata: () => Promise<void>;
  readonly checkDomains: () => Promise<void>;
  readonly retireKeys: () => Promise<void>;
}

const KINDS = {
  refresh_sso_metadata: 'refreshMetadata',
  check_sso_domains: 'checkDomains',
  retire_sso_keys: 'retireKeys',
} as const satisfies Record<string, keyof SsoSchedule>;

/** Declares the jobs of it. */
export function ssoJobs(watch: SsoSchedule): JobKind[] {
  return Object.entries(KINDS).map(([name, act]) => defineSchedule(name, WATCH_SECONDS, () => watch[act]()));
}

/** Half of the time for which a worker has claimed a job. */
const BUDGET_MS = 30_000;

/** Items one after another for as long as a scheduled job may take; what is left is due the next time. */
export function* inTime<Item>(items: readonly Item[]): Generator<Item> {
  const end = performance.now() + BUDGET_MS;
  for (const item of items) {
    if (performance.now() > end) return;
    yield item;
  }
}
