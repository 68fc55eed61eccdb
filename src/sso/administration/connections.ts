import type { CommandContext, CommandRunner } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import type { ConnectionId } from '../../directory/ids.ts';
import { notFound } from '../../directory/not-found.ts';
import { requireReal } from '../../directory/organizations/store/demonstrations.ts';
import { insertConnection } from '../../directory/organizations/store/organizations.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { requireWholeOrganization } from '../../directory/roles/rules/guards.ts';
import { requireVersion } from '../../directory/rules/versions.ts';
import type { Database } from '../../platform/db/database.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { endSessionsThrough } from '../login/provider-session.ts';
import { metadataWarnings } from '../rules/warnings.ts';
import { sealClientSecret } from '../secrets.ts';
import {
  type OidcSettings,
  oidcSettingsShape,
  type SamlSettings,
  type SsoProvider,
  samlSettingsShape,
} from '../settings.ts';
import {
  connectionExists,
  insertSsoConnection,
  listSsoConnections,
  recordMetadataCheck,
  removeSsoConnection,
  renameConnection,
} from '../store/connections.ts';
import { listAllSsoDomains, type SsoDomain } from '../store/domains.ts';
import {
  loadCompleteConnection,
  type ProtocolSettings,
  type SsoConnection,
  toSsoConnection,
} from './administered.ts';
import { addCertificates } from './certificates.ts';
import {
  type ChangeConnection,
  type ConnectionInput,
  type ConnectionReport,
  editConnection,
  report,
} from './change.ts';
import { removeDomains } from './domains.ts';
import {
  checkOf,
  type MetadataSource,
  type ReadMetadata,
  readSource,
  settingsOf,
} from './metadata-changes.ts';
import { addKey, makeKeysFor } from './own-keys.ts';
import type { ProviderReader } from './provider-reader.ts';

export type { ConnectionInput } from './change.ts';

/** A connection in a list, with its domains. */
type ListedConnection = SsoConnection & { readonly domains: readonly SsoDomain[] };

export interface SsoConnections {
  /** @throws DomainError `forbidden` */
  list(by: Authority): Promise<ListedConnection[]>;
  /** @throws DomainError `not_found`, `forbidden` */
  get(by: Authority, id: ConnectionId): Promise<ConnectionReport>;
  /**
   * Makes a draft with keys of ours.
   * @throws DomainError `not_found`, `conflict`, `too_many`, `invalid_metadata`, `invalid_address`, `invalid_provider`, `forbidden`
   */
  create(by: Authority, words: NewConnection): Promise<ConnectionReport>;
  /**
   * What a test has proved is forgotten where it is proved no more.
   * @throws DomainError `not_found`, `version_mismatch`, `invalid_provider`, `connection_incomplete`, `forbidden`
   */
  update(
    by: Authority,
    id: ConnectionId,
    words: ConnectionInput,
    ifMatch: readonly string[] | undefined,
  ): Promise<ConnectionReport>;
  /**
   * Takes single sign-on away, its sessions, identities and domains with it; what SCIM provisions stays.
   * @throws DomainError `not_found`, `version_mismatch`, `forbidden`
   */
  remove(by: Authority, id: ConnectionId, ifMatch: readonly string[] | undefined): Promise<void>;
}

interface SsoConnectionDependencies {
  readonly db: Database;
  readonly now: () => Date;
  readonly runner: CommandRunner;
  readonly seal: SecretBox;
  readonly providers: ProviderReader;
  readonly change: ChangeConnection;
}

/** Builds the commands about connections that sign users in. They need `sso:manage`. */
export function createSsoConnections(dependencies: SsoConnectionDependencies): SsoConnections {
  const { db, now, runner } = dependencies;
  return {
    list: async (by) => {
      requireWholeOrganization(by, 'sso:manage');
      const [rows, domains] = await Promise.all([
        listSsoConnections(db, by.org),
        listAllSsoDomains(db, by.org),
      ]);
      return rows.map((row) => ({
        ...toSsoConnection(row),
        domains: domains.filter(({ connection }) => connection === row.id),
      }));
    },

    get: async (by, id) => {
      requireWholeOrganization(by, 'sso:manage');
      const time = now();
      return report(await loadCompleteConnection(db, by.org, id, time.toISOString()), time);
    },

    create: (by, words) => createConnection(dependencies, by, words),
    update: (by, id, words, ifMatch) => editConnection(dependencies, by, id, words, ifMatch),

    remove: (by, id, ifMatch) =>
      runner.runAs(by, async (context, actor) => {
        requireWholeOrganization(actor, 'sso:manage');
        const { tx, org, at, recordEvent } = context;
        const { version, state, domains } = await loadCompleteConnection(tx, org, id, at);
        requireVersion('connection', version, ifMatch);
        await endSessionsThrough(context, id);
        await removeDomains(context, domains);
        await removeSsoConnection(tx, org, id);
        recordEvent({
          action: 'sso_connection.deleted',
          target: ['sso_connection', id],
          changes: { values: { state: [state, null] } },
        });
      }),
  };
}

/** How many connections of an organization may sign users in. */
const MOST_CONNECTIONS = 50;

/** The requested connection. Details of the provider may follow later; until then it is a draft. */
export type NewConnection = {
  readonly name: string;
  readonly provider: SsoProvider;
  /** One that is there already, with SCIM; undefined: a new one. */
  readonly connection: ConnectionId | undefined;
} & (NewSaml | NewOidc);

interface NewSaml {
  readonly protocol: 'saml';
  readonly settings: Partial<SamlSettings>;
  /** Its values take precedence over the settings; if it describes several providers, `entityId` chooses one. */
  readonly metadata: MetadataSource | undefined;
}

interface NewOidc {
  readonly protocol: 'oidc';
  readonly settings: Partial<OidcSettings>;
  readonly clientSecret: string | undefined;
}

/** Makes a draft. What takes long comes before the organization is locked. */
async function createConnection(
  { db, runner, seal, providers }: Pick<SsoConnectionDependencies, 'db' | 'runner' | 'seal' | 'providers'>,
  by: Authority,
  words: NewConnection,
): Promise<ConnectionReport> {
  requireWholeOrganization(by, 'sso:manage');
  const isAsked = words.protocol === 'oidc' || (words.metadata !== undefined && 'url' in words.metadata);
  if (isAsked) await requireReal(db, by.org);
  const read =
    words.protocol === 'saml' && words.metadata !== undefined
      ? await readSource(providers, words.metadata, words.settings.entityId)
      : undefined;
  const described = describe(words, read);
  if (described.protocol === 'oidc' && described.settings.issuer !== '') {
    await providers.checkIssuer(described.settings.issuer);
  }
  const keys = await makeKeysFor(words.protocol, providers);

  return runner.runAs(by, async (context, actor) => {
    requireWholeOrganization(actor, 'sso:manage');
    const { tx, org, at, time, recordEvent } = context;
    const id = await placeFor(context, words);
    const { protocol, provider } = words;
    const secret = words.protocol === 'oidc' ? words.clientSecret : undefined;
    const sealedSecret = secret === undefined ? undefined : sealClientSecret(seal, id, secret);
    const settings = described.settings;
    await insertSsoConnection(tx, org, { id, protocol, provider, settings, sealedSecret }, at);
    if (read !== undefined && read.url !== null)
      await recordMetadataCheck(tx, org, id, checkOf(read, time), at);
    recordEvent({
      action: 'sso_connection.created',
      target: ['sso_connection', id],
      changes: { values: { protocol: [null, protocol], provider: [null, provider] } },
    });
    for (const key of keys) await addKey(context, seal, id, key);
    await addCertificates(context, { id, certificates: [] }, read?.metadata.certificates ?? [], 'metadata');
    const { connection, warnings } = report(await loadCompleteConnection(tx, org, id, at), time);
    const more = read === undefined ? [] : metadataWarnings(read.metadata, connection);
    return { connection, warnings: [...more, ...warnings] };
  });
}

function describe(words: NewConnection, read: ReadMetadata | undefined): ProtocolSettings {
  if (words.protocol === 'oidc') {
    return { protocol: 'oidc', settings: oidcSettingsShape.parse(words.settings) };
  }
  const fromMetadata = read === undefined ? {} : { ...settingsOf(read.metadata), metadataUrl: read.url };
  return { protocol: 'saml', settings: samlSettingsShape.parse({ ...words.settings, ...fromMetadata }) };
}

/** The connection to which single sign-on is added. @throws DomainError `not_found`, `conflict`, `too_many` */
async function placeFor(
  { tx, org, at, newId }: CommandContext,
  { connection, name }: NewConnection,
): Promise<ConnectionId> {
  const present = await listSsoConnections(tx, org);
  if (present.length >= MOST_CONNECTIONS) {
    throw new DomainError(
      'too_many',
      `There are ${MOST_CONNECTIONS} connections for single sign-on: remove one before you add another.`,
    );
  }
  if (connection === undefined) {
    const id = newId() as ConnectionId;
    await insertConnection(tx, org, id, name, false, at);
    return id;
  }
  if (present.some(({ id }) => id === connection)) {
    throw new DomainError('conflict', 'This connection has single sign-on already: change it instead.');
  }
  if (!(await connectionExists(tx, org, connection))) {
    throw notFound('scim_connection');
  }
  await renameConnection(tx, org, connection, name);
  return connection;
}
