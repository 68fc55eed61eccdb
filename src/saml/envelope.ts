import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import { checkIds, isId } from './ids.ts';
import { DS, SAML, SAMLP } from './namespaces.ts';
import type { SamlIdentityProvider, SamlServiceProvider } from './parties.ts';
import { checkChildren, checkPlaces } from './structure.ts';
import { checkPeriod, requiredTime } from './times.ts';
import type { XmlElement } from './xml.ts';
import { attribute, child, is, textOf } from './xml-readers.ts';

/** A response or an assertion is posted within seconds; this leaves time for a page in between. Milliseconds. */
export const MAX_AGE = 10 * 60_000;

const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const STATUS = /^urn:oasis:names:tc:SAML:2\.0:status:([A-Za-z]{1,64})$/;

/**
 * Checks that a message is a response that succeeded and has the one form that the profile gives it.
 * @throws SsoError version_unsupported, status_not_success, ids_not_unique, structure_unexpected
 */
export function checkResponse(root: XmlElement): void {
  if (root.uri.startsWith('urn:oasis:names:tc:SAML:1.')) throw new SsoError('version_unsupported', 'SAML 1');
  if (!is(root, SAMLP, 'Response'))
    throw new SsoError('structure_unexpected', truncate(`a ${root.local}`, 100));
  checkVersion(root);
  checkIds(root);
  checkPlaces(root);
  checkStatus(root);
  checkChildren(root, [
    [SAML, 'Issuer', 'maybe'],
    [DS, 'Signature', 'maybe'],
    [SAMLP, 'Status', 'once'],
    [SAML, 'Assertion', 'maybe'],
    [SAML, 'EncryptedAssertion', 'maybe'],
  ]);
  const assertions = root.children.filter((each) => each.uri === SAML && each.local !== 'Issuer');
  if (assertions.length !== 1) throw new SsoError('structure_unexpected', `${assertions.length} assertions`);
}

/**
 * Checks the response's own attributes: issuer, destination and time.
 * @param signed whether the response has a signature, and so must name its issuer and its destination
 * @returns the request that it answers
 * @throws SsoError issuer_mismatch, destination_mismatch, not_yet_valid, too_late, structure_unexpected
 */
export function checkEnvelope(
  response: XmlElement,
  signed: boolean,
  sp: SamlServiceProvider,
  idp: SamlIdentityProvider,
  now: Date,
): string | undefined {
  const issuer = child(response, SAML, 'Issuer');
  if (issuer !== undefined || signed) checkIssuer(issuer, idp.entityId);
  const destination = attribute(response, 'Destination');
  if (destination !== sp.acsUrl && (signed || destination !== undefined)) {
    throw new SsoError('destination_mismatch', truncate(destination, 200));
  }
  checkAge(response, now);
  const inResponseTo = attribute(response, 'InResponseTo');
  if (inResponseTo !== undefined && !isId(inResponseTo))
    throw new SsoError('structure_unexpected', 'InResponseTo');
  return inResponseTo;
}

/** @throws SsoError version_unsupported */
export function checkVersion(element: XmlElement): void {
  const version = attribute(element, 'Version');
  if (version !== '2.0') throw new SsoError('version_unsupported', truncate(version, 20));
}

/** @throws SsoError issuer_mismatch */
export function checkIssuer(issuer: XmlElement | undefined, entityId: string): void {
  const name = issuer && textOf(issuer);
  if (name !== entityId) throw new SsoError('issuer_mismatch', truncate(name, 200));
}

/**
 * @returns when the element was issued
 * @throws SsoError not_yet_valid, too_late
 */
export function checkAge(element: XmlElement, now: Date): Date {
  const issued = requiredTime(element, 'IssueInstant');
  checkPeriod(now, issued, new Date(issued.getTime() + MAX_AGE), `IssueInstant of ${element.local}`);
  return issued;
}

function checkStatus(response: XmlElement): void {
  const status = child(response, SAMLP, 'Status');
  const code = status && child(status, SAMLP, 'StatusCode');
  if (code === undefined) throw new SsoError('structure_unexpected', 'no StatusCode');
  if (attribute(code, 'Value') === SUCCESS) return;
  const codes = [code, child(code, SAMLP, 'StatusCode')].flatMap(
    (each) => (each ? attribute(each, 'Value') : []) ?? [],
  );
  throw new SsoError(
    'status_not_success',
    codes.map((each) => STATUS.exec(each)?.[1] ?? 'unknown').join(' '),
  );
}
