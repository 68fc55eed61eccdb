/**
 * The metadata of an identity provider, as an administrator uploads it or a job fetches it.
 * Decides which provider of the document is meant, and which of its endpoints, certificates and times are accepted.
 * Its signature is not checked: docs/sso-design.md §3 says why it is believed.
 */

import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import { BINDING_URIS, type Binding } from './bindings.ts';
import { MetadataError, type ReadCertificate, readCertificate } from './certificates.ts';
import { timeOf } from './envelope.ts';
import {
  attribute,
  children,
  DS,
  is,
  MD,
  parseXml,
  SAMLP,
  textOf,
  type XmlElement,
  type XmlLimits,
} from './xml.ts';

/** An identity provider as its metadata describes it (SAML Metadata §2.4.3). */
interface IdpMetadata {
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

/** So many names are listed for an administrator to choose from. */
const NAMED = 5;

/**
 * The EntityDescriptor of the identity provider that is meant.
 * @param entityId undefined: the only one there is
 * @throws MetadataError
 */
function findProvider(root: XmlElement, entityId: string | undefined): XmlElement {
  const entities = [...entitiesOf(root)];
  if (entityId === undefined) return onlyProvider(entities);
  const [found, second] = entities.filter((entity) => attribute(entity, 'entityID') === entityId);
  if (found === undefined) {
    throw new MetadataError(`The metadata does not describe ${quote(entityId)}, but ${namesOf(entities)}.`);
  }
  if (second !== undefined) throw new MetadataError(`The metadata describes ${quote(entityId)} twice.`);
  return found;
}

/** The one role in which an entity is an identity provider of SAML 2.0. @throws MetadataError */
function providerRole(entity: XmlElement): XmlElement {
  const [role, second] = rolesOf(entity);
  if (role !== undefined && second === undefined) return role;
  if (second !== undefined) {
    throw new MetadataError('The metadata describes this identity provider twice, in two IDPSSODescriptors.');
  }
  if (children(entity, MD, 'SPSSODescriptor').length > 0) {
    throw new MetadataError(
      'This is the metadata of a service provider, an application like this one. Take that of the identity provider.',
    );
  }
  throw new MetadataError('The metadata describes no identity provider that speaks SAML 2.0.');
}

function* entitiesOf(element: XmlElement): Generator<XmlElement> {
  if (is(element, MD, 'EntityDescriptor')) {
    yield element;
  } else if (is(element, MD, 'EntitiesDescriptor')) {
    for (const each of element.children) {
      if (is(each, MD, 'EntityDescriptor') || is(each, MD, 'EntitiesDescriptor')) yield* entitiesOf(each);
    }
  } else {
    throw new MetadataError(`This is XML, but no SAML 2.0 metadata: it is a ${quote(element.local)}.`);
  }
}

function onlyProvider(entities: readonly XmlElement[]): XmlElement {
  const providers = entities.filter((entity) => rolesOf(entity).length > 0);
  const [provider, second] = providers;
  if (second !== undefined) {
    throw new MetadataError(
      `The metadata describes ${providers.length} identity providers. Choose one by its entity ID: ${namesOf(providers)}.`,
    );
  }
  // A root that is not an entity names itself in the error.
  const [entity] = provider === undefined ? entities : [provider];
  if (entity === undefined) throw new MetadataError('The metadata describes no identity provider.');
  return entity;
}

function rolesOf(entity: XmlElement): readonly XmlElement[] {
  return children(entity, MD, 'IDPSSODescriptor').filter((role) =>
    (attribute(role, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(SAMLP),
  );
}

function namesOf(entities: readonly XmlElement[]): string {
  const names = entities.slice(0, NAMED).map((entity) => quote(attribute(entity, 'entityID') ?? ''));
  const others = entities.length - names.length;
  return names.join(', ') + (others > 0 ? ` and ${others} others` : '');
}

function quote(text: string): string {
  return `“${truncate(text, 200)}”`;
}

/** Where a provider takes messages, and where the answers go if it is elsewhere. */
interface ProviderEndpoint {
  readonly url: string;
  readonly binding: Binding;
  readonly responseUrl: string | undefined;
}

const LONGEST_ADDRESS = 2_000;

/** An absolute URL that is safe in a Location header and in a form: no spaces, quotes or backslashes. */
const ADDRESS = /^https?:\/\/[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+$/i;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What a message brings itself (Bindings §3.4.4). */
const TAKEN = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature'] as const;

/**
 * The endpoint of a service, by HTTP-Redirect rather than by HTTP-POST; other bindings are not used.
 * @returns undefined if the service has no such endpoint
 * @throws MetadataError if its address cannot be used
 */
function readEndpoint(
  role: XmlElement,
  service: 'SingleSignOnService' | 'SingleLogoutService',
  allowPrivate: boolean,
): ProviderEndpoint | undefined {
  for (const binding of ['redirect', 'post'] as const) {
    const found = children(role, MD, service).find(
      (each) => attribute(each, 'Binding') === BINDING_URIS[binding],
    );
    if (found === undefined) continue;
    const responseUrl = attribute(found, 'ResponseLocation');
    return {
      binding,
      url: checkAddress(attribute(found, 'Location') ?? '', service, allowPrivate),
      responseUrl: responseUrl && checkAddress(responseUrl, service, allowPrivate),
    };
  }
  return undefined;
}

/** Browsers are sent there: only https, and nothing that one reader takes for another address than the next. */
function checkAddress(text: string, service: string, allowPrivate: boolean): string {
  const url =
    ADDRESS.test(text) && text.length <= LONGEST_ADDRESS && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    throw new MetadataError(`The address of ${service} is not a valid URL: “${truncate(text, 200)}”.`);
  if (url.protocol !== 'https:' && !(allowPrivate && LOOPBACK.test(url.hostname))) {
    throw new MetadataError(`The address of ${service} does not begin with https: “${truncate(text, 200)}”.`);
  }
  if (url.username !== '' || url.password !== '' || url.href.includes('#')) {
    throw new MetadataError(`The address of ${service} has a password or a fragment, which it must not.`);
  }
  const taken = TAKEN.find((name) => url.searchParams.has(name));
  if (taken !== undefined) {
    throw new MetadataError(
      `The address of ${service} has ${taken} in its query, which a message brings itself.`,
    );
  }
  return text;
}

/** How long metadata may be used. */
interface MetadataValidity {
  readonly validUntil: Date | undefined;
  /** In seconds: it is fetched again after that time at the latest. */
  readonly cacheDuration: number | undefined;
}

/** xs:duration without a sign. */
const DURATION =
  /^P(?=.)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d{1,9})?S)?)?$/;

/** Seconds of each part, a year and a month as long as they usually are. */
const SECONDS = [365 * 86_400, 30 * 86_400, 86_400, 3_600, 60, 1] as const;

/**
 * The strictest validity of a role, its entity and their groups (SAML Metadata §2.3, §2.4).
 * @throws MetadataError if it has ended, or says what cannot be read
 */
function readValidity(role: XmlElement, now: Date): MetadataValidity {
  let validUntil: Date | undefined;
  let cacheDuration: number | undefined;
  for (let each: XmlElement | undefined = role; each !== undefined; each = each.parent) {
    const until = timeOf(each, 'validUntil');
    if (until !== undefined && (validUntil === undefined || until < validUntil)) validUntil = until;
    const duration = attribute(each, 'cacheDuration');
    if (duration !== undefined) {
      cacheDuration = Math.min(secondsOf(duration.trim()), cacheDuration ?? Number.POSITIVE_INFINITY);
    }
  }
  if (validUntil !== undefined && validUntil <= now) {
    throw new MetadataError(
      `The metadata was valid until ${validUntil.toISOString()}. Fetch it again at the provider.`,
    );
  }
  return { validUntil, cacheDuration };
}

function secondsOf(duration: string): number {
  const parts = DURATION.exec(duration);
  if (parts === null) {
    throw new MetadataError(
      `The cacheDuration of the metadata is not a valid duration: “${truncate(duration, 50)}”.`,
    );
  }
  return SECONDS.reduce((sum, seconds, place) => sum + Number(parts[place + 1] ?? 0) * seconds, 0);
}
