import type { ConnectionId, OrgId } from '../../directory/ids.ts';
import type { Executor } from '../../platform/db/statement.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { openClientSecret, openPrivateKey } from '../secrets.ts';
import {
  type OidcSettings,
  oidcSettingsShape,
  type Provisioning,
  readProvisioning,
  type SamlSettings,
  type SsoState,
  samlSettingsShape,
} from '../settings.ts';
import { findLoginConnection, type StoredLoginConnection } from '../store/login-connections.ts';

/** A key of ours, opened. */
export interface OwnKey {
  readonly id: string;
  readonly use: 'signing' | 'encryption';
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}

interface SharedParts {
  readonly org: OrgId;
  readonly id: ConnectionId;
  readonly name: string;
  readonly organization: string;
  readonly state: SsoState;
  readonly version: number;
  readonly provisioning: Provisioning;
  /** The newest first: providers encrypt to that one, and all of them decrypt; the oldest signs until it retires. */
  readonly keys: readonly OwnKey[];
}

/** A connection that signs users in, with all that its protocol needs. */
export type LoginConnection = SharedParts &
  (
    | {
        readonly protocol: 'saml';
        readonly settings: SamlSettings;
        /** The provider's certificates that are trusted. */
        readonly certificates: readonly { readonly fingerprint: string; readonly pem: string }[];
      }
    | {
        readonly protocol: 'oidc';
        readonly settings: OidcSettings;
        readonly clientSecret: string | undefined;
      }
  );

/** @returns undefined if there is no such connection, or it signs no user in */
export async function loadLoginConnection(
  db: Executor,
  seal: SecretBox,
  id: ConnectionId,
  now: string,
): Promise<LoginConnection | undefined> {
  const row = await findLoginConnection(db, id, now);
  return row === undefined ? undefined : toConnection(row, seal);
}

function toConnection(row: StoredLoginConnection, seal: SecretBox): LoginConnection {
  const id = row.connection;
  const shared: SharedParts = {
    org: row.org,
    id,
    name: row.name,
    organization: row.organization,
    state: row.state,
    version: row.version,
    provisioning: readProvisioning(row.provisioning),
    keys: row.keys.map((key) => ({
      id: key.id,
      use: key.use,
      privateKeyPem: openPrivateKey(seal, id, key.id, key.sealed),
      certificatePem: key.certificate,
    })),
  };
  if (row.protocol === 'saml') {
    const settings = samlSettingsShape.parse(row.settings);
    return { ...shared, protocol: 'saml', settings, certificates: row.certificates };
  }
  const settings = oidcSettingsShape.parse(row.settings);
  const clientSecret = row.sealedSecret === null ? undefined : openClientSecret(seal, id, row.sealedSecret);
  return { ...shared, protocol: 'oidc', settings, clientSecret };
}
