import type { EventChanges } from '../../audit/catalogue.ts';
import { DomainError } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { requirePermissions } from '../../directory/roles/rules/guards.ts';
import { changedAttributes } from '../../directory/users/rules/differences.ts';
import type { Database } from '../../platform/db/database.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { sealClientSecret } from '../secrets.ts';
import {
  isComplete,
  type OidcSettings,
  oidcSettingsShape,
  type SamlSettings,
  type SsoProvider,
  samlSettingsShape,
} from '../settings.ts';
import { renameConnection, rewriteSsoConnection } from '../store/connections.ts';
import { forgetMetadataChecks } from '../store/metadata.ts';
import { loadCompleteConnection, type SsoConnection } from './administered.ts';
import type { ChangeConnection, ConnectionReport } from './change.ts';
import type { ProviderReader } from './providers.ts';

/** What is to be different; what is undefined stays. */
export interface ConnectionInput {
  readonly name: string | undefined;
  readonly provider: SsoProvider | undefined;
  /** Some settings, of the protocol of the connection. */
  readonly settings: Partial<SamlSettings> | Partial<OidcSettings>;
  /** Of OpenID Connect; null takes it away. */
  readonly clientSecret: string | null | undefined;
}

/** What a test proves: once it is another, nothing is proved. */
const PROVED: ReadonlySet<string> = new Set<keyof SamlSettings | keyof OidcSettings>([
  'entityId',
  'ssoUrl',
  'ssoBinding',
  'nameIdFormat',
  'signRequests',
  'forceAuthn',
  'encryption',
  'issuer',
  'clientId',
  'clientAuth',
  'scopes',
  'requiredClaims',
]);
/** What an event names without its value: an address may hold a secret. */
const NEVER_REPORTED: ReadonlySet<string> = new Set<keyof SamlSettings>(['metadataUrl']);

/** Changes what is known of a provider; its issuer is looked up before the organization is locked. */
export async function editConnection(
  {
    db,
    now,
    seal,
    providers,
    change,
  }: {
    readonly db: Database;
    readonly now: () => Date;
    readonly seal: SecretBox;
    readonly providers: ProviderReader;
    readonly change: ChangeConnection;
  },
  by: Authority,
  id: ConnectionId,
  words: ConnectionInput,
  ifMatch: readonly string[] | undefined,
): Promise<ConnectionReport> {
  requirePermissions(by, 'sso:manage');
  const present = await loadCompleteConnection(db, by.org, id, now().toISOString());
  const wanted = mergeSettings(present, words.settings);
  if ('issuer' in wanted && wanted.issuer !== '' && isOtherIssuer(present, wanted)) {
    await providers.checkIssuer(wanted.issuer);
  }
  return change(by, id, ifMatch, async ({ context: { tx, org }, before, recordEvent }) => {
    const { clientSecret, name = before.name, provider = before.provider } = words;
    const settings = mergeSettings(before, words.settings);
    if (before.state === 'active' && !isComplete(settings)) throw incompleteConnection(settings);
    const was = { ...before.settings, name: before.name, provider: before.provider };
    const is = { ...settings, name, provider };
    const fields = changedAttributes(was, is);
    const secrets = clientSecret === undefined ? [] : ['clientSecret'];
    if (fields.length + secrets.length === 0) return 'none';

    if (name !== before.name) await renameConnection(tx, org, id, name);
    const sealed = typeof clientSecret === 'string' ? sealClientSecret(seal, id, clientSecret) : clientSecret;
    await rewriteSsoConnection(tx, org, id, { provider, settings }, sealed);
    if (fields.includes('metadataUrl')) await forgetMetadataChecks(tx, org, id);
    recordEvent({ action: 'sso_connection.updated', changes: changesOf(was, is, fields, secrets) });
    return [...fields, ...secrets].some((field) => PROVED.has(field)) || secrets.length > 0
      ? 'untested'
      : 'changed';
  });
}

function mergeSettings(
  { protocol, settings }: SsoConnection,
  changes: ConnectionInput['settings'],
): SamlSettings | OidcSettings {
  const merged = { ...settings, ...changes };
  return protocol === 'saml' ? samlSettingsShape.parse(merged) : oidcSettingsShape.parse(merged);
}

const isOtherIssuer = ({ settings }: SsoConnection, { issuer }: OidcSettings): boolean =>
  !('issuer' in settings) || settings.issuer !== issuer;

type Fields = Readonly<Record<string, unknown>>;

function changesOf(
  was: Fields,
  is: Fields,
  fields: readonly string[],
  secrets: readonly string[],
): EventChanges<'sso_connection.updated'> {
  const attributes = [...fields.filter((field) => NEVER_REPORTED.has(field)), ...secrets];
  const reported = fields.filter((field) => !NEVER_REPORTED.has(field));
  return {
    ...(attributes.length === 0 ? {} : { attributes }),
    values: Object.fromEntries(reported.map((field) => [field, [was[field], is[field]] as const])),
  };
}

export const incompleteConnection = (settings: SamlSettings | OidcSettings): DomainError =>
  new DomainError(
    'connection_incomplete',
    'entityId' in settings
      ? 'The connection’s settings are incomplete: add the provider’s metadata, or its entity ID and sign-in address.'
      : 'The connection’s settings are incomplete: add the issuer and the client ID.',
  );
