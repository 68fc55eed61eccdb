import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import type { MessageParameter } from './bindings.ts';
import { checkAge, checkIssuer, checkVersion, MAX_AGE } from './envelope.ts';
import type { IdpCertificate } from './idp-certificate.ts';
import { checkIds, isId } from './ids.ts';
import { readRedirect } from './incoming-redirect.ts';
import { decodeMessage } from './message.ts';
import { SAML, SAMLP } from './namespaces.ts';
import type { SamlIdentityProvider } from './parties.ts';
import { verifyEnveloped } from './signature.ts';
import { checkChildren, type Slot } from './structure.ts';
import { readNameId, type SamlNameId } from './subject.ts';
import { checkPeriod, SKEW, timeOf } from './times.ts';
import { parseXml, type XmlElement } from './xml.ts';
import { attribute, child, children, is, textOf } from './xml-readers.ts';

/** A message as it came in: the raw query of the URL, or the one form field that carries it. */
export type IncomingMessage =
  | { readonly binding: 'redirect'; readonly query: string }
  | { readonly binding: 'post'; readonly value: string };

/** What a message of single logout must fit. */
export interface LogoutExpectations {
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
export interface VerifiedLogoutRequest extends VerifiedMessage {
  readonly nameId: SamlNameId;
  /** None: all sessions of the user. */
  readonly sessionIndexes: readonly string[];
  /** From then on it is rejected for its age: until then its ID is to be remembered. */
  readonly replayableUntil: Date;
}

/** A provider answers a request of ours. Whether it was ours is for the caller to know. */
export interface VerifiedLogoutResponse extends VerifiedMessage {
  readonly inResponseTo: string;
  readonly outcome: 'success' | 'partial' | 'failure';
  /** The status codes in short, for the log: `Responder RequestDenied`. */
  readonly status: string;
}

const MAX_SESSION_INDEXES = 100;
const LONGEST_SESSION_INDEX = 256;

const STATUS = /^urn:oasis:names:tc:SAML:2\.0:status:([A-Za-z]{1,64})$/;

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

/** The root of a message as it was signed, once everything holds that both kinds have in common. */
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
  const xml = decodeMessage(value);
  const root = parseXml(xml);
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
  const status = child(root, SAMLP, 'Status');
  const first = status && child(status, SAMLP, 'StatusCode');
  if (first === undefined) throw new SsoError('structure_unexpected', 'no StatusCode');
  const second = child(first, SAMLP, 'StatusCode');
  const codes = [first, ...(second === undefined ? [] : [second])].map(
    (code) => STATUS.exec(attribute(code, 'Value') ?? '')?.[1] ?? 'unknown',
  );
  const whole = codes[0] === 'Success' ? 'success' : 'failure';
  return { outcome: codes.includes('PartialLogout') ? 'partial' : whole, status: codes.join(' ') };
}
