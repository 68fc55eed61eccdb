import type { CommandContext } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import { webAddressProblem } from '../../directory/rules/web-address.ts';
import { changedAttributes } from '../../directory/users/rules/differences.ts';
import { compareMetadata, logoutOf, type MetadataChanges, refreshIn } from '../rules/metadata-refresh.ts';
import { type SamlSettings, samlSettingsShape } from '../settings.ts';
import { type MetadataCheck, rewriteSsoConnection, writeStaged } from '../store/connections.ts';
import type { CompleteSsoConnection, StagedMetadata } from './administered.ts';
import { addCertificates, removeCertificates } from './certificates.ts';
import type { ChangeEffect } from './change.ts';
import type { ProviderCertificate, ProviderMetadata, ProviderReader } from './provider-reader.ts';

export type CompleteSamlConnection = Extract<CompleteSsoConnection, { protocol: 'saml' }>;
type Changes = MetadataChanges<ProviderCertificate>;

/** Settings whose change invalidates the last test; single logout is not one of them. */
const PROVED: ReadonlySet<string> = new Set<keyof SamlSettings>(['entityId', 'ssoUrl', 'ssoBinding']);

/** Describes the provider anew, where no one signs in: certificates that came from metadata before go with it. */
export async function replaceProvider(
  context: CommandContext,
  connection: CompleteSamlConnection,
  metadata: ProviderMetadata,
): Promise<ChangeEffect> {
  const { entityId, ssoUrl, ssoBinding } = metadata;
  const published = new Set(metadata.certificates.map(({ fingerprint }) => fingerprint));
  const gone = connection.certificates.filter(
    ({ source, fingerprint }) => source === 'metadata' && !published.has(fingerprint),
  );
  await writeStaged(context.tx, context.org, connection.id, null);
  return applyChanges(context, connection, {
    entityId,
    sso: { url: ssoUrl, binding: ssoBinding },
    slo: logoutOf(metadata) ?? null,
    addCertificates: metadata.certificates,
    removeCertificates: gone.map(({ fingerprint }) => fingerprint),
  });
}

/** Takes what is harmless of metadata of a connection through which users sign in, and stages the rest. */
export async function adoptMetadata(
  context: CommandContext,
  connection: CompleteSamlConnection,
  metadata: ProviderMetadata,
): Promise<ChangeEffect> {
  const { entityId, ssoUrl, ssoBinding, sloUrl, sloBinding, sloResponseUrl } = connection.settings;
  const current = {
    entityId,
    ssoUrl,
    ssoBinding,
    sloUrl: sloUrl ?? undefined,
    sloBinding,
    sloResponseUrl: sloResponseUrl ?? undefined,
    certificates: connection.certificates.map(({ fingerprint, source, lastUsedAt }) => ({
      fingerprint,
      source,
      lastUsedAt: lastUsedAt ?? undefined,
    })),
  };
  const { apply, staged } = compareMetadata<ProviderCertificate>(current, metadata);
  return strongest(await applyChanges(context, connection, apply), await stage(context, connection, staged));
}

/** Stages changes for an administrator; the same changes are reported once, even if they were dismissed. */
async function stage(
  { tx, org, at, recordEvent }: CommandContext,
  { id, staged, dropped }: CompleteSamlConnection,
  changes: Changes,
): Promise<ChangeEffect> {
  const isNothing = Object.keys(changes).length === 0;
  if (isNothing && staged === undefined) return 'none';
  const known = staged?.changes ?? dropped;
  if (!isNothing && known !== undefined && isSame(known, changes)) return 'none';
  await writeStaged(tx, org, id, isNothing ? null : ({ changes, at } satisfies StagedMetadata));
  const { entityId, sso, slo, addCertificates = [], removeCertificates = [] } = changes;
  if (!isNothing) {
    recordEvent({
      action: 'sso_metadata.staged',
      target: ['sso_connection', id],
      changes: {
        values: {
          ...(entityId === undefined ? {} : { entityId: [null, entityId] }),
          ...(sso === undefined ? {} : { ssoUrl: [null, sso.url] }),
          ...(slo === undefined ? {} : { sloUrl: [null, slo?.url ?? null] }),
          addCertificates: [null, addCertificates.map(({ fingerprint }) => fingerprint)],
          removeCertificates: [null, removeCertificates],
        },
      },
    });
  }
  return 'changed';
}

const isSame = (left: Changes, right: Changes): boolean =>
  changedAttributes({ ...left }, JSON.parse(JSON.stringify(right)) as Record<string, unknown>).length === 0;

/**
 * Applies metadata to the settings.
 * @throws DomainError `last_certificate` if an active connection would have none left, `too_many`
 */
export async function applyChanges(
  context: CommandContext,
  connection: CompleteSamlConnection,
  { entityId, sso, slo, addCertificates: wanted = [], removeCertificates: unwanted = [] }: Changes,
): Promise<ChangeEffect> {
  const { id, provider, state, certificates } = connection;
  const before = connection.settings;
  const after: SamlSettings = {
    ...before,
    ...(entityId === undefined ? {} : { entityId }),
    ...(sso === undefined ? {} : { ssoUrl: sso.url, ssoBinding: sso.binding }),
    ...(slo === undefined ? {} : logoutSettings(slo)),
  };
  const fields = changedAttributes({ ...before }, { ...after });
  const leaving = new Set(unwanted);
  const kept = certificates.filter(({ fingerprint }) => !leaving.has(fingerprint));
  const gone = certificates.filter(({ fingerprint }) => leaving.has(fingerprint));
  if (state === 'active' && kept.length + wanted.length === 0) {
    throw new DomainError('last_certificate', 'An active connection would have no certificate left.');
  }
  await removeCertificates(
    context,
    id,
    gone.map(({ fingerprint }) => fingerprint),
  );
  const added = await addCertificates(context, { id, certificates: kept }, wanted, 'metadata');
  if (fields.length > 0)
    await rewriteSsoConnection(context.tx, context.org, id, { provider, settings: after });
  if (fields.length + gone.length + added === 0) return 'none';
  const [was, is] = [before, after] as unknown as readonly Record<string, unknown>[];
  context.recordEvent({
    action: 'sso_metadata.applied',
    target: ['sso_connection', id],
    changes: { values: Object.fromEntries(fields.map((name) => [name, [was?.[name], is?.[name]] as const])) },
  });
  return gone.length > 0 || fields.some((name) => PROVED.has(name)) ? 'untested' : 'changed';
}

function logoutSettings(
  slo: NonNullable<Changes['slo']> | null,
): Pick<SamlSettings, 'sloUrl' | 'sloBinding' | 'sloResponseUrl'> {
  return {
    sloUrl: slo?.url ?? null,
    sloBinding: slo?.binding ?? 'redirect',
    sloResponseUrl: slo?.responseUrl ?? null,
  };
}

/** What two effects mean together. */
export function strongest(left: ChangeEffect, right: ChangeEffect): ChangeEffect {
  const order: readonly ChangeEffect[] = ['none', 'changed', 'untested'];
  return order.indexOf(left) > order.indexOf(right) ? left : right;
}

/** Where metadata comes from: an address, which is read again every day, or the document itself. */
export type MetadataSource = { readonly url: string } | { readonly xml: string };

/** Metadata that was read just now. */
export interface ReadMetadata {
  readonly metadata: ProviderMetadata;
  /** Null: it was given as a document. */
  readonly url: string | null;
  readonly etag: string | undefined;
}

/**
 * @param entityId which provider, of metadata that describes several; undefined: the only one
 * @throws DomainError `invalid_metadata`, `invalid_address`
 */
export async function readSource(
  providers: ProviderReader,
  source: MetadataSource,
  entityId: string | undefined,
): Promise<ReadMetadata> {
  if ('xml' in source) {
    return { metadata: checked(providers.readMetadata(source.xml, entityId)), url: null, etag: undefined };
  }
  const problem = webAddressProblem(source.url);
  if (problem !== undefined)
    throw new DomainError('invalid_address', `The address of the metadata ${problem}`);
  const fetched = await providers.fetchMetadata(source.url, undefined);
  if (fetched === undefined) throw new DomainError('invalid_metadata', 'The address answered with nothing.');
  return {
    metadata: checked(providers.readMetadata(fetched.xml, entityId)),
    url: source.url,
    etag: fetched.etag,
  };
}

/**
 * Metadata of a provider that is known already. One that names itself otherwise is still found, if it is the only one.
 * @throws DomainError `invalid_metadata`
 */
export function readAgain(providers: ProviderReader, xml: string, entityId: string): ProviderMetadata {
  try {
    return checked(providers.readMetadata(xml, entityId));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    try {
      return checked(providers.readMetadata(xml, undefined));
    } catch {
      throw error;
    }
  }
}

/** That it could be read, and when it is to be read again. */
export function checkOf({ metadata, etag }: Omit<ReadMetadata, 'url'>, now: Date): MetadataCheck {
  return { etag, error: undefined, refreshIn: refreshIn(metadata, now) };
}

/** Metadata as settings of a connection. */
export function settingsOf(
  metadata: ProviderMetadata,
): Pick<SamlSettings, 'entityId' | 'ssoUrl' | 'ssoBinding' | 'sloUrl' | 'sloBinding' | 'sloResponseUrl'> {
  const { entityId, ssoUrl, ssoBinding, sloUrl, sloBinding, sloResponseUrl } = metadata;
  return {
    entityId,
    ssoUrl,
    ssoBinding,
    sloUrl: sloUrl ?? null,
    sloBinding: sloBinding ?? 'redirect',
    sloResponseUrl: sloResponseUrl ?? null,
  };
}

/** @throws DomainError `invalid_metadata` if it contains what no connection may have */
function checked(metadata: ProviderMetadata): ProviderMetadata {
  const parsed = samlSettingsShape.safeParse(settingsOf(metadata));
  if (parsed.success && metadata.entityId !== '' && metadata.ssoUrl !== '') return metadata;
  const [issue] = parsed.error?.issues ?? [];
  const sentence =
    issue === undefined
      ? 'It names no entity ID or no sign-in address.'
      : `Its ${issue.path.join('.')} ${issue.message}`;
  throw new DomainError('invalid_metadata', `The metadata cannot be accepted. ${sentence}`);
}
