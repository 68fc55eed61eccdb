import type { JobHandler } from '../jobs/queue.ts';

/** How often the schedule looks for metadata, domains and keys whose time has come. */
const WATCH_SECONDS = 900;

/** What the schedule does about single sign-on. */
export interface SsoWatch {
  readonly refreshMetadata: () => Promise<unknown>;
  readonly checkDomains: () => Promise<unknown>;
  readonly retireKeys: () => Promise<unknown>;
}

const KINDS = {
  refresh_sso_metadata: 'refreshMetadata',
  check_sso_domains: 'checkDomains',
  retire_sso_keys: 'retireKeys',
} as const satisfies Record<string, keyof SsoWatch>;

/** The jobs of it, and how often each comes back. */
export const SSO_JOBS = Object.keys(KINDS).map((kind) => [kind, WATCH_SECONDS] as const);

/** Builds their handlers. */
export function createSsoHandlers(watch: SsoWatch): [kind: string, handler: JobHandler][] {
  return Object.entries(KINDS).map(([kind, act]) => [kind, async () => void (await watch[act]())]);
}
