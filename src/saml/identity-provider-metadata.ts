import { SsoError } from '../sso/sso-error.ts';
import type { Binding } from './bindings.ts';
import { readEndpoint } from './metadata-endpoints.ts';
import { findProvider, providerRole } from './metadata-entities.ts';
import { MetadataError } from './metadata-error.ts';
import { readValidity } from './metadata-validity.ts';
import { DS, MD } from './namespaces.ts';
import { type ReadCertificate, readCertificate } from './read-certificate.ts';
import { parseXml, type XmlElement, type XmlLimits } from './xml.ts';
import { attribute, children, textOf } from './xml-readers.ts';

/** An identity provider as its metadata describes it (SAML Metadata §2.4.3). */
export interface IdpMetadata {
  readonly entityId: string;
  /** As published: requests name it as their destination. */
  readonly ssoUrl: string;
  readonly ssoBinding: Binding;
  readonly sloUrl: string | undefined;
  /** Where answers go, if not to `sloUrl`. */
  readonly sloResponseUrl: string | undefined;
  readonly sloBinding: Binding | undefined;
  /** At least one, none twice: what it signs with now, and perhaps from some day on. */
  readonly certificates: readonly ReadCertificate[];
  /** Why further certificates that it publishes are not accepted: sentences. */
  readonly leftOut: readonly string[];
  readonly wantAuthnRequestsSigned: boolean;
  readonly nameIdFormats: readonly string[];
  readonly validUntil: Date | undefined;
  /** In seconds. */
  readonly cacheDuration: number | undefined;
}

export interface MetadataOptions {
  /** Which provider; needed where the metadata describes several, and checked where it is given. */
  readonly entityId: string | undefined;
  readonly now: Date;
  /** Takes http addresses of this machine, for first steps and tests. */
  readonly allowPrivate?: boolean;
}

/** Microsoft describes itself in 100 KiB; a federation's thousand members are not meant. */
const LIMITS: XmlLimits = {
  characters: 1_024 * 1_024,
  depth: 32,
  elements: 20_000,
  attributes: 64,
  attributesInAll: 40_000,
  references: 20_000,
  declarations: 64,
  comments: true,
};

const LONGEST_ENTITY_ID = 1_024;
const LONGEST_FORMAT = 200;
const MOST_FORMATS = 50;
const MAX_CERTIFICATES = 16;

/**
 * Reads the metadata of an identity provider: an EntityDescriptor, or one of an EntitiesDescriptor. Its signature is
 * not looked at: that it came over https, or from an administrator, is why it is believed.
 * @throws MetadataError for what cannot be read, has ended, or describes no provider that can be used
 */
export function readMetadata(
  xml: string,
  { entityId, now, allowPrivate = false }: MetadataOptions,
): IdpMetadata {
  try {
    const entity = findProvider(parse(xml), entityId);
    const role = providerRole(entity);
    const sso = readEndpoint(role, 'SingleSignOnService', allowPrivate);
    if (sso === undefined) {
      throw new MetadataError('The provider offers no sign-in by HTTP-Redirect or HTTP-POST.');
    }
    const slo = readEndpoint(role, 'SingleLogoutService', allowPrivate);
    return {
      entityId: readEntityId(entity),
      ssoUrl: sso.url,
      ssoBinding: sso.binding,
      sloUrl: slo?.url,
      sloResponseUrl: slo?.responseUrl,
      sloBinding: slo?.binding,
      ...readCertificates(role),
      wantAuthnRequestsSigned: /^\s*(true|1)\s*$/.test(attribute(role, 'WantAuthnRequestsSigned') ?? ''),
      nameIdFormats: children(role, MD, 'NameIDFormat')
        .map(textOf)
        .filter((format) => format !== '' && format.length <= LONGEST_FORMAT)
        .slice(0, MOST_FORMATS),
      ...readValidity(role, now),
    };
  } catch (error) {
    throw error instanceof SsoError ? unreadable(error) : error;
  }
}

function parse(xml: string): XmlElement {
  // Microsoft’s begins with a byte order mark, what is pasted with empty lines.
  const text = xml.trim();
  if (text === '') throw new MetadataError('The metadata is empty.');
  if (/^(<!DOCTYPE\s+)?<?html\b/i.test(text)) {
    throw new MetadataError(
      'This is a web page, not metadata: perhaps its address asks for a sign-in first.',
    );
  }
  if (!text.startsWith('<')) throw new MetadataError(notXml(text));
  return parseXml(text, LIMITS);
}

/** What users paste instead. */
function notXml(text: string): string {
  if (/^https?:/i.test(text)) return 'This is an address, not what is found there: give it as the address.';
  if (text.startsWith('{')) {
    return 'This is JSON, as OpenID Connect providers describe themselves. SAML metadata is XML: take that, or make a connection that speaks OpenID Connect.';
  }
  if (text.startsWith('-----BEGIN')) {
    return 'This is a certificate or a key. Metadata is XML; a certificate is added to the connection by itself.';
  }
  return 'This is not XML. Metadata begins with <EntityDescriptor or <EntitiesDescriptor, perhaps after <?xml.';
}

function readEntityId(entity: XmlElement): string {
  const id = attribute(entity, 'entityID') ?? '';
  if (id === '' || id !== id.trim() || id.length > LONGEST_ENTITY_ID) {
    throw new MetadataError(
      `The entity ID is empty, longer than ${LONGEST_ENTITY_ID} characters, or has white space around it.`,
    );
  }
  return id;
}

/** Of the keys for signing, and of those for everything: the first certificate of each X509Data, its chain not. */
function readCertificates(role: XmlElement): Pick<IdpMetadata, 'certificates' | 'leftOut'> {
  const certificates = new Map<string, ReadCertificate>();
  const leftOut: string[] = [];
  for (const text of signingKeys(role)) {
    try {
      const certificate = readCertificate(text);
      certificates.set(certificate.fingerprint, certificate);
    } catch (error) {
      if (!(error instanceof MetadataError)) throw error;
      leftOut.push(error.message);
    }
  }
  if (certificates.size === 0) {
    throw new MetadataError(leftOut[0] ?? 'The provider publishes no certificate that it signs with.');
  }
  if (certificates.size > MAX_CERTIFICATES) {
    throw new MetadataError(`The provider publishes more than ${MAX_CERTIFICATES} certificates.`);
  }
  return { certificates: [...certificates.values()], leftOut };
}

function signingKeys(role: XmlElement): readonly string[] {
  return children(role, MD, 'KeyDescriptor')
    .filter((key) => (attribute(key, 'use') ?? 'signing') === 'signing')
    .flatMap((key) => children(key, DS, 'KeyInfo'))
    .flatMap((info) => children(info, DS, 'X509Data'))
    .flatMap((data) => children(data, DS, 'X509Certificate').slice(0, 1))
    .map(textOf);
}

function unreadable(error: SsoError): MetadataError {
  const sentence = {
    message_too_large: 'The metadata is larger than 1 MiB. Take that of your provider alone.',
    xml_forbidden: `The metadata holds ${error.message}. Nothing that needs it is read.`,
    message_malformed: `The metadata is not well-formed XML (${error.message}). Copy all of it, or download it again.`,
  }[error.reason as string];
  const options = { cause: error };
  return new MetadataError(sentence ?? `The metadata is not valid SAML: ${error.message}.`, options);
}
