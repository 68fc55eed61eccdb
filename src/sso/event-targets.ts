import type { ConnectionId, OrgId, UserId } from '../directory/ids.ts';
import { idOfName } from '../platform/ids.ts';

/** A certificate of a connection, as the target of an event. */
export const certificateTarget = (connection: ConnectionId, fingerprint: string) =>
  ['sso_certificate', idOfName('sso_certificate', connection, fingerprint)] as const;

/** A domain, as the target of an event. */
export const domainTarget = (org: OrgId, domain: string) =>
  ['sso_domain', idOfName('sso_domain', org, domain)] as const;

/** What links a user to a connection, as the target of an event: of the ids alone, since a subject may be an address. */
export const identityTarget = (connection: ConnectionId, user: UserId) =>
  ['identity', idOfName('identity', connection, user)] as const;
