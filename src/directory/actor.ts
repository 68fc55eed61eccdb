import type { ProvisioningSettings } from '../provisioning/settings.ts';
import type { ConnectionId, OrgId, UserId } from './ids.ts';

/** Who acts, for the audit trail: no more than an id and the interface. */
export type Actor =
  | { readonly type: 'connection'; readonly id: ConnectionId; readonly via: 'scim' | 'sso' }
  | {
      readonly type: 'user';
      readonly id: UserId;
      readonly via: 'api' | 'cli' | 'invitation' | 'sign_in';
    }
  | { readonly type: 'api_key'; readonly id: string; readonly user: UserId; readonly via: 'api' }
  | {
      readonly type: 'service_account';
      readonly id: string;
      readonly key: string;
      readonly via: 'api';
    }
  | { readonly type: 'set_up_link'; readonly id: string; readonly via: 'api' }
  | { readonly type: 'anonymous'; readonly id: 'anonymous'; readonly via: 'sign_in' }
  | {
      readonly type: 'system';
      readonly id: 'bootstrap' | 'cli' | 'worker';
      readonly via: 'cli' | 'schedule';
    };

/** Where an intent comes from. */
export interface Origin {
  readonly actor: Actor;
  readonly requestId: string;
  /** Of a user who is signed in. */
  readonly session?: string | undefined;
  /** Where the request of a user or an API key came from. */
  readonly client?: Client | undefined;
}

/** Where a request comes from; what is personal of it can be taken out of events again (ADR 0030). */
export interface Client {
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
  /** Where the address is, if that is known: ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
  /** The value of the cookie by which a device is known; undefined where none was sent. */
  readonly device?: string | undefined;
}

/** The connection on whose behalf a command runs: its organization, its own names for users, its events. */
export interface Provisioner {
  readonly org: OrgId;
  readonly connection: ConnectionId;
  readonly origin: Origin;
  readonly settings: ProvisioningSettings;
}
