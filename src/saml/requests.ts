/**
 * What src/saml sends, second part: messages to a provider, signed as their binding has it.
 * Decides how an AuthnRequest, a LogoutRequest and a LogoutResponse look; `sendMessage` writes, signs and addresses all.
 */

import { randomBytes, sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import type { SamlNameId } from './assertion.ts';
import { BINDING_URIS, type Binding, type MessageParameter, RSA_SHA256 } from './bindings.ts';
import type { ServiceProviderKey } from './service-provider.ts';
import { DS, EXC_C14N, SAML, SAMLP, XENC } from './xml.ts';
import { element, type WrittenXml } from './xml-writer.ts';

/** A sign-in that begins here. */
export interface AuthnRequest {
  readonly sp: { readonly entityId: string; readonly acsUrl: string };
  readonly idp: Endpoint;
  /** Whether the user has to prove again who they are. */
  readonly forceAuthn: boolean;
  /** Undefined: the provider chooses, which is what most of them want. */
  readonly nameIdFormat: string | undefined;
  /** Opaque, at most 80 octets (Bindings §3.4.3). */
  readonly relayState: string;
  /** Undefined: the request is not signed. */
  readonly signWith: ServiceProviderKey | undefined;
  readonly now: Date;
}

/** Builds the request that takes a browser to its provider (Core §3.4.1, Profiles §4.1.4.1). */
export function buildAuthnRequest({
  sp,
  idp,
  forceAuthn,
  nameIdFormat,
  relayState,
  signWith,
  now,
}: AuthnRequest): SentMessage {
  const policy = { Format: nameIdFormat, AllowCreate: 'true' };
  return sendMessage({
    parameter: 'SAMLRequest',
    name: 'samlp:AuthnRequest',
    attributes: {
      AssertionConsumerServiceURL: sp.acsUrl,
      ProtocolBinding: BINDING_URIS.post,
      ForceAuthn: forceAuthn ? 'true' : undefined,
    },
    content: [nameIdFormat === undefined ? undefined : element('samlp:NameIDPolicy', policy)],
    issuer: sp.entityId,
    to: idp,
    relayState,
    key: signWith,
    now,
  });
}

/** What both messages of single logout need: they are always signed (Profiles §4.4.4). */
interface Outgoing {
  readonly sp: { readonly entityId: string };
  /** For an answer, its own address if the provider has one (`ResponseLocation`). */
  readonly idp: Endpoint;
  readonly relayState: string | undefined;
  readonly signWith: ServiceProviderKey;
  readonly now: Date;
}

/** A session that ended here and is to end at the provider. */
export interface OutgoingLogoutRequest extends Outgoing {
  /** Exactly as the assertion had it. */
  readonly nameId: SamlNameId;
  /** Of the assertion; none: all sessions of the user. */
  readonly sessionIndexes: readonly string[];
}

/** What became of a request of the provider. */
interface OutgoingLogoutResponse extends Outgoing {
  /** The ID of the request. */
  readonly inResponseTo: string;
  readonly outcome: LogoutOutcome;
}

/** Done, also where there was nothing to end; the request was at fault; or we were. */
export type LogoutOutcome = 'success' | 'requester' | 'responder';

const STATUS_CODES: Readonly<Record<LogoutOutcome, string>> = {
  success: 'urn:oasis:names:tc:SAML:2.0:status:Success',
  requester: 'urn:oasis:names:tc:SAML:2.0:status:Requester',
  responder: 'urn:oasis:names:tc:SAML:2.0:status:Responder',
};

const LIFETIME_MS = 5 * 60_000;

/** Builds the request that ends a session at the provider (Core §3.7.1). */
export function buildLogoutRequest({
  nameId,
  sessionIndexes,
  now,
  ...outgoing
}: OutgoingLogoutRequest): SentMessage {
  const qualifiers = {
    Format: nameId.format,
    NameQualifier: nameId.nameQualifier,
    SPNameQualifier: nameId.spNameQualifier,
  };
  return sendMessage({
    ...common(outgoing),
    parameter: 'SAMLRequest',
    name: 'samlp:LogoutRequest',
    attributes: { NotOnOrAfter: new Date(now.getTime() + LIFETIME_MS).toISOString() },
    content: [
      element('saml:NameID', qualifiers, nameId.value),
      ...sessionIndexes.map((index) => element('samlp:SessionIndex', {}, index)),
    ],
    now,
  });
}

/** Builds the answer to a request of the provider (Core §3.7.2). */
export function buildLogoutResponse({
  inResponseTo,
  outcome,
  now,
  ...outgoing
}: OutgoingLogoutResponse): SentMessage {
  return sendMessage({
    ...common(outgoing),
    parameter: 'SAMLResponse',
    name: 'samlp:LogoutResponse',
    attributes: { InResponseTo: inResponseTo },
    content: [element('samlp:Status', {}, [element('samlp:StatusCode', { Value: STATUS_CODES[outcome] })])],
    now,
  });
}

function common({ sp, idp, relayState, signWith }: Omit<Outgoing, 'now'>) {
  return { issuer: sp.entityId, to: idp, relayState, key: signWith };
}

/** A message as the browser takes it to the provider; an answer to it names `id`. */
export type SentMessage =
  | { readonly id: string; readonly url: string }
  | { readonly id: string; readonly form: MessageForm };

/** The form that the browser posts, with these fields. */
export interface MessageForm {
  readonly action: string;
  readonly SAMLRequest?: string;
  readonly SAMLResponse?: string;
  readonly RelayState?: string;
}

/** Where a provider takes a message. */
interface Endpoint {
  readonly url: string;
  readonly binding: Binding;
}

/** What every message of ours has, beside its own content. */
interface OutgoingMessage {
  readonly parameter: MessageParameter;
  /** `samlp:…` */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  /** What follows Issuer. */
  readonly content: readonly (WrittenXml | undefined)[];
  /** Our entity ID. */
  readonly issuer: string;
  readonly to: Endpoint;
  readonly relayState: string | undefined;
  /** Undefined: it goes unsigned. */
  readonly key: ServiceProviderKey | undefined;
  readonly now: Date;
}

/**
 * Writes a message (Core §3.2), signs it as its binding has it, and addresses it.
 * @throws RangeError if a value contains a character that XML does not allow
 */
function sendMessage(message: OutgoingMessage): SentMessage {
  const { parameter, to, relayState, key, now } = message;
  // 128 random bits (Core §1.3.4); what begins with a digit is no ID, and Entra rejects it.
  const id = `_${randomBytes(16).toString('hex')}`;
  const xml = element(
    message.name,
    {
      'xmlns:samlp': SAMLP,
      'xmlns:saml': SAML,
      ID: id,
      Version: '2.0',
      IssueInstant: now.toISOString(),
      Destination: to.url,
      ...message.attributes,
    },
    [element('saml:Issuer', {}, message.issuer), ...message.content],
  );
  if (to.binding === 'redirect') {
    return { id, url: presentRedirect(to.url, parameter, xml, relayState, key) };
  }
  const signed = key === undefined ? xml : signRoot(xml, key);
  const form = {
    action: to.url,
    [parameter]: Buffer.from(signed, 'utf8').toString('base64'),
    ...(relayState === undefined ? {} : { RelayState: relayState }),
  };
  return { id, form };
}

/** Signs a message of ours: enveloped, behind Issuer, where the schema has it (Core §5.4). */
function signRoot(xml: WrittenXml, { privateKeyPem, certificatePem }: ServiceProviderKey): string {
  const signature = new SignedXml({
    privateKey: privateKeyPem,
    publicCert: certificatePem,
    signatureAlgorithm: RSA_SHA256,
    canonicalizationAlgorithm: EXC_C14N,
  });
  signature.idAttributes = ['ID'];
  signature.addReference({
    xpath: '/*',
    transforms: [`${DS}enveloped-signature`, EXC_C14N],
    digestAlgorithm: `${XENC}sha256`,
  });
  signature.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: "/*/*[local-name(.)='Issuer']", action: 'after' },
  });
  return signature.getSignedXml();
}

/**
 * The URL that carries a message (Bindings §3.4.4): the endpoint's own query is kept in front. The signature
 * covers the parameters exactly as they are in the URL.
 */
function presentRedirect(
  address: string,
  parameter: MessageParameter,
  xml: string,
  relayState: string | undefined,
  key: ServiceProviderKey | undefined,
): string {
  const message = deflateRawSync(Buffer.from(xml, 'utf8')).toString('base64');
  const parts = [`${parameter}=${encode(message)}`];
  if (relayState !== undefined) parts.push(`RelayState=${encode(relayState)}`);
  if (key !== undefined) {
    parts.push(`SigAlg=${encode(RSA_SHA256)}`);
    const signature = sign('sha256', Buffer.from(parts.join('&'), 'ascii'), key.privateKeyPem);
    parts.push(`Signature=${encode(signature.toString('base64'))}`);
  }
  return `${address}${joint(address)}${parts.join('&')}`;
}

function joint(address: string): string {
  if (!address.includes('?')) return '?';
  return /[?&]$/.test(address) ? '' : '&';
}

/** A browser would encode `'` itself, and the signature would be over something else. */
function encode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
