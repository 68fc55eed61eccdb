import type { EventChanges, EventOn, TargetedEvent } from '../../audit/catalogue.ts';
import type { CommandContext, CommandRunner } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import { requireReal } from '../../directory/organizations/store/demonstrations.ts';
import { findSettings } from '../../directory/organizations/store/settings.ts';
import { type Authority, isOwner } from '../../directory/roles/authority.ts';
import { requireWholeOrganization } from '../../directory/roles/rules/guards.ts';
import { requireVersion } from '../../directory/rules/versions.ts';
import { changedAttributes } from '../../directory/users/rules/differences.ts';
import type { Database } from '../../platform/db/database.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { type Trust, widensTrust } from '../rules/trust-changes.ts';
import { type ConnectionWarning, connectionWarnings, LIVE_EDIT } from '../rules/warnings.ts';
import { sealClientSecret } from '../secrets.ts';
import {
  isComplete,
  type OidcSettings,
  oidcSettingsShape,
  type SamlSettings,
  type SsoProvider,
  samlSettingsShape,
} from '../settings.ts';
import {
  forgetMetadataChecks,
  renameConnection,
  rewriteSsoConnection,
  touchSsoConnection,
} from '../store/connections.ts';
import { forgetConfirmationRows, ownersSignInThrough } from '../store/identities.ts';
import {
  type CompleteSsoConnection,
  connectionNotFound,
  loadCompleteConnection,
  type SsoConnection,
} from './administered.ts';
import type { ProviderReader } from './provider-reader.ts';

/** A connection and what an administrator should know of it. */
export interface ConnectionReport {
  readonly connection: CompleteSsoConnection;
  readonly warnings: readonly ConnectionWarning[];
}

/** What a change meant: nothing, something, or something that a test had proved before. */
export type ChangeEffect = 'none' | 'changed' | 'untested';

/** A change of one connection, inside its transaction. */
export interface ConnectionChange {
  readonly context: CommandContext;
  readonly actor: Authority;
  readonly before: CompleteSsoConnection;
  /** Records what happened to the connection. */
  recordEvent(event: EventOn<'sso_connection'>): void;
}

/** Changes one connection. */
export type ChangeConnection = (
  by: Authority,
  id: ConnectionId,
  ifMatch: readonly string[] | undefined,
  apply: (change: ConnectionChange) => Promise<ChangeEffect>,
) => Promise<ConnectionReport>;

/**
 * Builds the frame of every command that changes a connection: `sso:manage` of the whole organization, the version
 * that was read, and afterwards a new version, with the test forgotten if it no longer proves anything. A trusted
 * provider can sign in as any user of the connection. Where owners sign in through it, only an owner may change it,
 * since admins do not act on owners (docs/roles.md §1). Pending link confirmations become invalid: they were about the
 * provider as it was.
 * Throws DomainError `not_found`, `forbidden`, `version_mismatch`, `owner_only`, and whatever `apply` does.
 */
export function createChangeConnection({ runner }: { readonly runner: CommandRunner }): ChangeConnection {
  return (by, id, ifMatch, apply) =>
    runner.runAs(by, async (context, actor) => {
      requireWholeOrganization(actor, 'sso:manage');
      const { tx, org, at, time } = context;
      const before = await loadCompleteConnection(tx, org, id, at);
      requireVersion('connection', before.version, ifMatch);
      requireLinkMayChange(actor, before);
      const recordEvent: ConnectionChange['recordEvent'] = (event) =>
        context.recordEvent({ ...event, target: ['sso_connection', id] } as TargetedEvent);
      const effect = await apply({ context, actor, before, recordEvent });
      if (effect === 'none') return report(before, time);
      await touchSsoConnection(tx, org, id, effect === 'untested', at);
      const after = await loadCompleteConnection(tx, org, id, at);
      if (widensTrust(trustOf(before), trustOf(after))) {
        await requireOwnersConsent(context, actor, after);
        await forgetConfirmationRows(tx, org, id);
      }
      const { connection, warnings } = report(after, time);
      const isLive = before.state === 'active' && after.state === 'active';
      return { connection, warnings: isLive ? [LIVE_EDIT, ...warnings] : warnings };
    });
}

/**
 * The holder of a set-up link changes its connection alone, and an active one only where the link lets them activate it:
 * else they would do what activation is kept from them for.
 * @throws DomainError `not_found`, `conflict`
 */
function requireLinkMayChange({ setUpLink }: Authority, { id, state }: CompleteSsoConnection): void {
  if (setUpLink === undefined) return;
  if (setUpLink.connection !== id) throw connectionNotFound();
  if (state !== 'active' || setUpLink.mayActivate) return;
  throw new DomainError(
    'conflict',
    'The connection is active, and this link is not for changing what is in use: ask the administrator.',
  );
}

const trustOf = ({ settings, certificates }: CompleteSsoConnection): Trust => ({
  settings: { ...settings },
  certificates: certificates.map(({ fingerprint }) => fingerprint),
});

/** @throws DomainError `owner_only` */
async function requireOwnersConsent(
  { tx, org }: CommandContext,
  actor: Authority,
  { id, provisioning: { defaultRole, roleMapping } }: CompleteSsoConnection,
): Promise<void> {
  if (isOwner(actor.rights)) return;
  if (await ownersSignInThrough(tx, org, id)) {
    throw new DomainError(
      'owner_only',
      'An owner signs in through this connection, so only an owner may change which provider it trusts.',
    );
  }
  const makesAdmins = [defaultRole, ...roleMapping.map(({ role }) => role)].includes('admin');
  if (makesAdmins && (await findSettings(tx, org)).settings.onlyOwnersGrantAdmin) {
    throw new DomainError(
      'owner_only',
      'This connection assigns the role admin, which only owners may grant: only an owner may change which provider it trusts.',
    );
  }
}

/** A connection with its warnings. */
export function report(connection: CompleteSsoConnection, now: Date): ConnectionReport {
  return { connection, warnings: connectionWarnings(connection, now) };
}

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
/** What an event names without its value: an address may contain a secret. */
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
  requireWholeOrganization(by, 'sso:manage');
  const present = await loadCompleteConnection(db, by.org, id, now().toISOString());
  const wanted = mergeSettings(present, words.settings);
  if ('issuer' in wanted && wanted.issuer !== '' && isOtherIssuer(present, wanted)) {
    await requireReal(db, by.org);
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
