/**
 * Step 8 of src/saml: the message around an assertion, and what all messages have in common.
 * Decides on version, status, issuer, destination, age and clock skew. `checkResponse` runs on the tree that came in
 * and again on the tree that was signed; `checkEnvelope` only on the latter.
 */

import type { KeyObject } from 'node:crypto';
import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import type { IdpCertificate } from './certificates.ts';
import { checkChildren, checkIds, checkPlaces, isId } from './structure.ts';
import { attribute, child, DS, is, SAML, SAMLP, textOf, type XmlElement } from './xml.ts';

/** A response or an assertion is posted within seconds; this leaves time for a page in between. Milliseconds. */
export const MAX_AGE = 10 * 60_000;

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
  const codes = statusCodes(response);
  if (codes[0] !== 'Success') throw new SsoError('status_not_success', codes.join(' '));
}

/**
 * The status codes of a response of any kind, the outer one first, in short: `Responder RequestDenied`.
 * @throws SsoError structure_unexpected if there is none
 */
export function statusCodes(response: XmlElement): readonly string[] {
  const status = child(response, SAMLP, 'Status');
  const outer = status && child(status, SAMLP, 'StatusCode');
  if (outer === undefined) throw new SsoError('structure_unexpected', 'no StatusCode');
  const inner = child(outer, SAMLP, 'StatusCode');
  return [outer, ...(inner === undefined ? [] : [inner])].map(
    (code) => STATUS.exec(attribute(code, 'Value') ?? '')?.[1] ?? 'unknown',
  );
}

/** How far the clocks of a provider and of this server may be apart, in milliseconds. */
export const SKEW = 60_000;

/** xs:dateTime with a time zone (Core §1.3.3). */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/**
 * The time in an attribute.
 * @throws SsoError structure_unexpected if it is no time
 */
export function timeOf(element: XmlElement, name: string): Date | undefined {
  const text = attribute(element, name);
  if (text === undefined) return undefined;
  const time = new Date(TIME.test(text) ? text : Number.NaN);
  if (Number.isNaN(time.getTime())) throw new SsoError('structure_unexpected', `${name} is no time`);
  return time;
}

/**
 * A time that must be there.
 * @throws SsoError structure_unexpected if it is not, or is no time
 */
export function requiredTime(element: XmlElement, name: string): Date {
  const time = timeOf(element, name);
  if (time === undefined) throw new SsoError('structure_unexpected', `no ${name} in ${element.local}`);
  return time;
}

/**
 * Checks a time of validity, with the skew allowed at both ends.
 * @param from inclusive
 * @param until exclusive
 * @throws SsoError not_yet_valid, too_late
 */
export function checkPeriod(now: Date, from: Date | undefined, until: Date | undefined, what: string): void {
  if (from !== undefined && now.getTime() < from.getTime() - SKEW) throw new SsoError('not_yet_valid', what);
  if (until !== undefined && now.getTime() >= until.getTime() + SKEW) throw new SsoError('too_late', what);
}

/** We, as a connection's identity provider knows us. */
export interface SamlServiceProvider {
  readonly entityId: string;
  /** Where assertions are posted to: Destination and Recipient must equal it. */
  readonly acsUrl: string;
  /** Private RSA keys; several while one is replaced by another. */
  readonly decryptionKeys: readonly KeyObject[];
}

/** The identity provider of a connection, as it is configured. */
export interface SamlIdentityProvider {
  readonly entityId: string;
  readonly certificates: readonly IdpCertificate[];
  readonly encryption: 'off' | 'optional' | 'required';
}
