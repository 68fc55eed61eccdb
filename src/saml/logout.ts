/**
 * Step 11 of src/saml: single logout (Profiles §4.4), what comes in. requests.ts has what we send.
 * Decides whether a provider's request or answer is genuine: by steps 1 to 6 on the whole message and step 8; in a URL,
 * by the signature over the query instead, before anything is inflated. Whether its ID is new, and which sessions end,
 * is for the caller to decide.
 */

import { inflateRawSync } from 'node:zlib';
import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import { readNameId, type SamlNameId } from './assertion.ts';
import { decodeUtf8, type MessageParameter, readMessage } from './bindings.ts';
import { type IdpCertificate, usableCertificates } from './certificates.ts';
import {
  checkAge,
  checkIssuer,
  checkPeriod,
  checkVersion,
  MAX_AGE,
  type SamlIdentityProvider,
  SKEW,
  statusCodes,
  timeOf,
} from './envelope.ts';
import { verifyEnveloped } from './signature.ts';
import { isSignedBy, SIGNATURE_ALGORITHMS } from './signature-shape.ts';
import { checkChildren, checkIds, isId, type Slot } from './structure.ts';
import {
  attribute,
  child,
  children,
  decodeBase64,
  is,
  parseXml,
  SAML,
  SAMLP,
  textOf,
  type XmlElement,
} from './xml.ts';

/** A message as it came in: the raw query of the URL, or the one form field that carries it. */
export type IncomingMessage =
  | { readonly binding: 'redirect'; readonly query: string }
  | { readonly binding: 'post'; readonly value: string };

/** What a message of single logout must fit. */
interface LogoutExpectations {
  readonly idp: Pick<SamlIdentityProvider, 'entityId' | 'certificates'>;
  /** Our address that it came in at. */
  readonly destination: string;
  readonly now: Date;
}

interface VerifiedMessage {
  readonly id: string;
  /** Of a redirect, where it is signed; what a form has beside the message is not. */
  readonly relayState: string | undefined;
  /** Which one signed it. */
  readonly certificate: IdpCertificate;
}

/** A provider ends sessions. Whether it was here before is for the caller to know. */
interface VerifiedLogoutRequest extends VerifiedMessage {
  readonly nameId: SamlNameId;
  /** None: all sessions of the user. */
  readonly sessionIndexes: readonly string[];
  /** From then on it is rejected for its age: until then its ID is to be remembered. */
  readonly replayableUntil: Date;
}

/** A provider answers a request of ours. Whether it was ours is for the caller to know. */
interface VerifiedLogoutResponse extends VerifiedMessage {
  readonly inResponseTo: string;
  readonly outcome: 'success' | 'partial' | 'failure';
  /** The status codes in short, for the log: `Responder RequestDenied`. */
  readonly status: string;
}

const MAX_SESSION_INDEXES = 100;
const LONGEST_SESSION_INDEX = 256;

/**
 * Verifies a LogoutRequest (Core §3.7.1, Profiles §4.4.4.1): signed as a whole, by this provider, for this address,
 * not over. What is returned was read from what was signed.
 * @throws SsoError of the stages message, signature and conditions; subject_missing; encryption_refused
 */
export function verifyLogoutRequest(
  message: IncomingMessage,
  expected: LogoutExpectations,
): VerifiedLogoutRequest {
  const { root, id, relayState, certificate, issued } = open(
    message,
    'SAMLRequest',
    'LogoutRequest',
    expected,
  );
  if (child(root, SAML, 'EncryptedID') !== undefined) throw new SsoError('encryption_refused', 'EncryptedID');
  checkContent(root, [
    [SAML, 'NameID', 'once'],
    [SAMLP, 'SessionIndex', 'any'],
  ]);
  const notOnOrAfter = timeOf(root, 'NotOnOrAfter');
  checkPeriod(expected.now, undefined, notOnOrAfter, 'LogoutRequest');
  const ends = Math.min(issued.getTime() + MAX_AGE, notOnOrAfter?.getTime() ?? Number.POSITIVE_INFINITY);
  return {
    id,
    nameId: readNameId(root),
    sessionIndexes: readSessionIndexes(root),
    replayableUntil: new Date(ends + SKEW),
    relayState,
    certificate,
  };
}

/**
 * Verifies a LogoutResponse (Core §3.7.2), as strictly.
 * @throws SsoError of the stages message, signature and conditions
 */
export function verifyLogoutResponse(
  message: IncomingMessage,
  expected: LogoutExpectations,
): VerifiedLogoutResponse {
  const { root, id, relayState, certificate } = open(message, 'SAMLResponse', 'LogoutResponse', expected);
  checkContent(root, [[SAMLP, 'Status', 'once']]);
  const inResponseTo = attribute(root, 'InResponseTo');
  if (!isId(inResponseTo)) throw new SsoError('structure_unexpected', 'InResponseTo');
  return { id, inResponseTo, ...readStatus(root), relayState, certificate };
}

/** The root of a message as it was signed, once everything that both kinds have in common is checked. */
function open(
  message: IncomingMessage,
  parameter: MessageParameter,
  local: string,
  { idp, destination, now }: LogoutExpectations,
) {
  const opened =
    message.binding === 'redirect'
      ? openRedirect(message.query, parameter, local, idp.certificates)
      : openPost(message.value, local, idp.certificates);
  const { root } = opened;
  checkVersion(root);
  checkIssuer(child(root, SAML, 'Issuer'), idp.entityId);
  if (attribute(root, 'Destination') !== destination) {
    throw new SsoError('destination_mismatch', truncate(attribute(root, 'Destination'), 200));
  }
  const issued = checkAge(root, now);
  const id = attribute(root, 'ID');
  if (!isId(id)) throw new SsoError('structure_unexpected', 'ID');
  return { ...opened, id, issued };
}

function openRedirect(
  query: string,
  parameter: MessageParameter,
  local: string,
  certificates: readonly IdpCertificate[],
) {
  const { xml, relayState, certificate } = readRedirect(query, parameter, certificates);
  const root = parseXml(xml);
  checkKind(root, local);
  checkIds(root);
  return { root, relayState, certificate };
}

/** The signature must be of the message itself: that of an assertion inside proves nothing about it. */
function openPost(value: string, local: string, certificates: readonly IdpCertificate[]) {
  const { xml, root } = readMessage(value);
  checkKind(root, local);
  const { element, certificate } = verifyEnveloped(xml, root, certificates);
  return { root: element, relayState: undefined, certificate };
}

function checkKind(root: XmlElement, local: string): void {
  if (!is(root, SAMLP, local)) throw new SsoError('structure_unexpected', truncate(`a ${root.local}`, 100));
}

/** No signature: that of a redirect is in the URL, and that of a post is not in what it signs. */
function checkContent(root: XmlElement, slots: readonly Slot[]): void {
  checkChildren(root, [[SAML, 'Issuer', 'once'], [SAMLP, 'Extensions', 'maybe'], ...slots]);
}

function readSessionIndexes(root: XmlElement): readonly string[] {
  const indexes = children(root, SAMLP, 'SessionIndex').map(textOf);
  const unusable = indexes.some((each) => each === '' || each.length > LONGEST_SESSION_INDEX);
  if (unusable || indexes.length > MAX_SESSION_INDEXES) {
    throw new SsoError('structure_unexpected', 'SessionIndex');
  }
  return indexes;
}

function readStatus(root: XmlElement): Pick<VerifiedLogoutResponse, 'outcome' | 'status'> {
  const codes = statusCodes(root);
  const whole = codes[0] === 'Success' ? 'success' : 'failure';
  return { outcome: codes.includes('PartialLogout') ? 'partial' : whole, status: codes.join(' ') };
}

/** A message that came in a URL, signed by a certificate of the connection. */
interface RedirectMessage {
  readonly xml: string;
  /** Signed with it, and still only a text of the provider. */
  readonly relayState: string | undefined;
  readonly certificate: IdpCertificate;
}

const MAX_QUERY = 64 * 1_024;
/** Bytes of a message once it is inflated: many times what any provider sends this way. */
const MAX_MESSAGE = 64 * 1_024;

const NAMES: ReadonlySet<string> = new Set([
  'SAMLRequest',
  'SAMLResponse',
  'RelayState',
  'SigAlg',
  'Signature',
  'SAMLEncoding',
]);
const DEFLATE = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE';

/**
 * Reads a message of the HTTP-Redirect binding (Bindings §3.4.4). The signature covers the octets as they are in the
 * URL, in the binding's order whatever the URL's; nothing is inflated before it is verified.
 * @param query of the URL, raw as received
 * @throws SsoError message_missing, message_too_large, message_malformed, unsigned, signature_shape,
 *   algorithm_refused, certificate_missing, signature_invalid
 */
export function readRedirect(
  query: string,
  parameter: MessageParameter,
  certificates: readonly IdpCertificate[],
): RedirectMessage {
  const raw = readQuery(query);
  const other = parameter === 'SAMLRequest' ? 'SAMLResponse' : 'SAMLRequest';
  const message = raw.get(parameter);
  if (message === undefined || raw.has(other)) throw new SsoError('message_missing');
  if (decode(raw.get('SAMLEncoding') ?? DEFLATE) !== DEFLATE) {
    throw new SsoError('message_malformed', 'another encoding than DEFLATE');
  }
  const certificate = verify(raw, parameter, certificates);
  const deflated = decodeBase64(decode(message));
  if (deflated === undefined) throw new SsoError('message_malformed', 'not base64');
  const relayState = raw.get('RelayState');
  return {
    xml: decodeUtf8(inflate(deflated)),
    relayState: relayState === undefined ? undefined : decode(relayState),
    certificate,
  };
}

/** The values of the binding's parameters, still encoded. Others mean nothing. */
function readQuery(query: string): ReadonlyMap<string, string> {
  if (query.length > MAX_QUERY) throw new SsoError('message_too_large');
  if (!/^[\x21-\x7e]*$/.test(query)) throw new SsoError('message_malformed', 'not a query');
  const values = new Map<string, string>();
  for (const part of query.split('&')) {
    const [name = '', ...value] = part.split('=');
    const decodedName = decode(name);
    if (!NAMES.has(decodedName)) continue;
    if (name !== decodedName || value.length !== 1)
      throw new SsoError('message_malformed', 'a disguised parameter');
    if (values.has(name)) throw new SsoError('message_missing', `${name} twice`);
    values.set(name, value[0] ?? '');
  }
  return values;
}

function verify(
  raw: ReadonlyMap<string, string>,
  parameter: MessageParameter,
  certificates: readonly IdpCertificate[],
): IdpCertificate {
  const usable = usableCertificates(certificates);
  const [algorithm, signature] = [raw.get('SigAlg'), raw.get('Signature')];
  if (algorithm === undefined || signature === undefined) throw new SsoError('unsigned');
  const uri = decode(algorithm);
  // The encoding of an ECDSA signature is not specified for this binding, and providers differ.
  if (SIGNATURE_ALGORITHMS.get(uri)?.keyType !== 'rsa')
    throw new SsoError('algorithm_refused', truncate(uri, 200));
  const value = decodeBase64(decode(signature));
  if (value === undefined) throw new SsoError('signature_shape', 'not base64');
  const signed = [parameter, 'RelayState', 'SigAlg']
    .flatMap((name) => (raw.has(name) ? `${name}=${raw.get(name)}` : []))
    .join('&');
  const certificate = usable.find((each) => isSignedBy(each.certificate.publicKey, uri, signed, value));
  if (certificate === undefined) throw new SsoError('signature_invalid');
  return certificate;
}

/** Decodes a name or value of a query (URL Standard, application/x-www-form-urlencoded). */
function decode(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch (error) {
    throw new SsoError('message_malformed', 'not a query', { cause: error });
  }
}

function inflate(bytes: Buffer): Buffer {
  try {
    // With `info` comes how much was read: behind the message there is nothing.
    const { buffer, engine } = inflateRawSync(bytes, {
      maxOutputLength: MAX_MESSAGE,
      info: true,
    }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
    if (engine.bytesWritten === bytes.length) return buffer;
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new SsoError(tooLarge ? 'message_too_large' : 'message_malformed', 'DEFLATE', { cause: error });
  }
  throw new SsoError('message_malformed', 'more than a message');
}
