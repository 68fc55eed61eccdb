import type { ConnectionId, OrgId } from './ids.ts';

/** Who acts, for the audit trail: never more than an id and a door. */
export type Actor =
  | { readonly type: 'connection'; readonly id: ConnectionId; readonly via: 'scim' }
  | { readonly type: 'system'; readonly id: 'bootstrap' | 'cli'; readonly via: 'cli' };

/** Where an intent comes from. */
export interface Origin {
  readonly actor: Actor;
  readonly requestId: string;
}

/** The connection on whose behalf a command runs: its organization, its own names for people, its events. */
export interface Provisioner {
  readonly org: OrgId;
  readonly connection: ConnectionId;
  readonly origin: Origin;
}
