import { DomainError } from '../../directory/errors.ts';
import { webAddressProblem } from '../../directory/rules/web-address.ts';
import { refreshIn } from '../rules/metadata-refresh.ts';
import { type SamlSettings, samlSettingsShape } from '../settings.ts';
import type { MetadataCheck } from '../store/metadata.ts';
import type { ProviderMetadata, ProviderReader } from './providers.ts';

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
