import type { CommandRunner } from '../directory/command-runner.ts';
import type { OrgId } from '../directory/ids.ts';
import type { Authority } from '../directory/roles/authority.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import type { CarryOut } from '../provisioning/log/replay.ts';

/** What a demonstration is loaded with: the routes, SCIM and the schedule of this server, at a moved time. */
export interface Past {
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
  /** Calls a route of the REST API as a client does. @throws DomainError */
  call(
    by: Authority | undefined,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<unknown>;
  /** Carries out a SCIM request. */
  readonly carryOut: CarryOut;
  /** Writes what the provisioning log has collected. */
  flushLog(): Promise<void>;
  /** The token of the invitation that was written last: no mail of it is sent. */
  lastInvitation(): string;
  /** Looks for alerts of one organization. */
  watch(org: OrgId, signal: AbortSignal): Promise<void>;
  /** Seals the events of one organization. */
  sealEvents(org: OrgId, signal: AbortSignal): Promise<void>;
  /** Notes the elevations of one organization that have ended. */
  expireElevations(org: OrgId): Promise<unknown>;
  /** Collects the items of a review. */
  openReview(org: OrgId, id: string, signal: AbortSignal): Promise<void>;
  /** A certificate as a provider has one, PEM. */
  makeCertificate(): Promise<string>;
}

/** Builds all of it with a clock. */
export type OpenPast = (now: () => Date) => Past;
