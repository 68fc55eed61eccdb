/**
 * Step 9 of src/saml: the assertion itself, read from signed octets only.
 * Decides in this order: conditions (time, audience), bearer confirmation (recipient, request), NameID, authentication
 * statement, attributes. Each part is a section below, named after its element.
 */

import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import {
  checkAge,
  checkIssuer,
  checkPeriod,
  checkVersion,
  MAX_AGE,
  requiredTime,
  type SamlIdentityProvider,
  type SamlServiceProvider,
  SKEW,
  timeOf,
} from './envelope.ts';
import { checkChildren, isId } from './structure.ts';
import {
  attribute,
  child,
  children,
  DS,
  is,
  isDeceptive,
  SAML,
  textOf,
  trimBlanks,
  type XmlElement,
  XSI,
} from './xml.ts';

/** An assertion's statements about a user. Times are ISO 8601. */
export interface SamlAssertion extends SamlAuthentication {
  readonly assertionId: string;
  readonly issuer: string;
  readonly nameId: SamlNameId;
  /** No assertion with this ID is accepted from then on, so that its replay needs to be remembered no longer. */
  readonly validUntil: string;
  readonly attributes: readonly SamlAttribute[];
}

const STATEMENTS: ReadonlySet<string> = new Set([`{${SAML}}AuthnStatement`, `{${SAML}}AttributeStatement`]);

/**
 * Reads an assertion whose signature, or that of the response around it, was verified (Profiles §4.1.4.2).
 * @param inResponseTo what the response answers
 * @throws SsoError of the stages conditions and attributes, version_unsupported, structure_unexpected
 */
export function readAssertion(
  assertion: XmlElement,
  inResponseTo: string | undefined,
  sp: SamlServiceProvider,
  idp: SamlIdentityProvider,
  now: Date,
): SamlAssertion {
  checkVersion(assertion);
  checkChildren(
    assertion,
    [
      [SAML, 'Issuer', 'once'],
      [DS, 'Signature', 'maybe'],
      [SAML, 'Subject', 'maybe'],
      [SAML, 'Conditions', 'maybe'],
    ],
    STATEMENTS,
  );
  const assertionId = attribute(assertion, 'ID');
  if (!isId(assertionId)) throw new SsoError('structure_unexpected', 'ID');
  checkIssuer(child(assertion, SAML, 'Issuer'), idp.entityId);
  const issued = checkAge(assertion, now);
  const conditions = child(assertion, SAML, 'Conditions');
  if (conditions === undefined) throw new SsoError('audience_mismatch', 'no Conditions');
  checkConditions(conditions, sp.entityId, now);
  const subject = child(assertion, SAML, 'Subject');
  if (subject === undefined) throw new SsoError('subject_missing', 'no Subject');
  checkConfirmation(subject, { acsUrl: sp.acsUrl, inResponseTo, now });
  return {
    assertionId,
    issuer: idp.entityId,
    nameId: readNameId(subject),
    validUntil: new Date(issued.getTime() + MAX_AGE + SKEW).toISOString(),
    ...readAuthentication(assertion, now),
    attributes: readAttributes(assertion),
  };
}

/** Conditions that ask nothing of us: an assertion is used once anyway, and none is passed on. */
const HARMLESS: ReadonlySet<string> = new Set(['OneTimeUse', 'ProxyRestriction']);

/**
 * Checks the conditions of an assertion (Core §2.5.1): its time, an audience with us in it, and no condition that is
 * not understood.
 * @throws SsoError not_yet_valid, too_late, audience_mismatch, condition_unknown
 */
function checkConditions(conditions: XmlElement, entityId: string, now: Date): void {
  checkPeriod(now, timeOf(conditions, 'NotBefore'), timeOf(conditions, 'NotOnOrAfter'), 'Conditions');
  for (const each of conditions.children) {
    const known = each.uri === SAML && (each.local === 'AudienceRestriction' || HARMLESS.has(each.local));
    if (!known) throw new SsoError('condition_unknown', truncate(each.local, 100));
  }
  const restrictions = children(conditions, SAML, 'AudienceRestriction');
  // Every restriction must be met; one of its audiences is enough for that.
  const matches = restrictions.map((each) => audiences(each).includes(entityId));
  if (matches.length === 0 || matches.includes(false))
    throw new SsoError('audience_mismatch', truncate(restrictions.flatMap(audiences).join(' '), 200));
}

function audiences(restriction: XmlElement): readonly string[] {
  return restriction.children.filter((each) => is(each, SAML, 'Audience')).map(textOf);
}

/** Who signed in, as the provider names them (Core §2.2.2). */
export interface SamlNameId {
  readonly value: string;
  readonly format: string;
  readonly nameQualifier?: string;
  readonly spNameQualifier?: string;
}

const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const LONGEST_NAME_ID = 256;
const LONGEST_QUALIFIER = 1_024;

/**
 * The one NameID of a subject or of a logout request: text, trimmed, 1 to 256 characters.
 * @throws SsoError subject_missing for none, several, and one that changes with every sign-in
 */
export function readNameId(parent: XmlElement): SamlNameId {
  const [element, ...others] = children(parent, SAML, 'NameID');
  if (element === undefined || others.length > 0) throw new SsoError('subject_missing', 'not one NameID');
  if (element.children.length > 0) throw new SsoError('subject_missing', 'elements in NameID');
  const value = trimBlanks(element.text);
  if (value === '' || value.length > LONGEST_NAME_ID)
    throw new SsoError('subject_missing', 'empty or too long');
  if (isDeceptive(value)) throw new SsoError('subject_missing', 'invisible characters');
  const format = attribute(element, 'Format') ?? UNSPECIFIED;
  if (format === TRANSIENT) throw new SsoError('subject_missing', 'transient');
  const nameQualifier = attribute(element, 'NameQualifier');
  const spNameQualifier = attribute(element, 'SPNameQualifier');
  if ([format, nameQualifier, spNameQualifier].some((each) => (each?.length ?? 0) > LONGEST_QUALIFIER)) {
    throw new SsoError('subject_missing', 'qualifiers too long');
  }
  return {
    value,
    format,
    ...(nameQualifier === undefined ? {} : { nameQualifier }),
    ...(spNameQualifier === undefined ? {} : { spNameQualifier }),
  };
}

/**
 * Checks that one bearer confirmation is valid (Profiles §4.1.4.2): for this address, not over, without a beginning, and
 * in answer to the request of the response, or to none if the response has none.
 * @throws SsoError confirmation_missing, or what is wrong with the last one
 */
function checkConfirmation(
  subject: XmlElement,
  expected: { readonly acsUrl: string; readonly inResponseTo: string | undefined; readonly now: Date },
): void {
  let refusal = new SsoError('confirmation_missing', 'no bearer confirmation');
  for (const confirmation of children(subject, SAML, 'SubjectConfirmation')) {
    if (attribute(confirmation, 'Method') !== BEARER) continue;
    try {
      checkBearer(confirmation, expected);
      return;
    } catch (error) {
      if (!(error instanceof SsoError)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

function checkBearer(confirmation: XmlElement, expected: Parameters<typeof checkConfirmation>[1]): void {
  const [data, ...others] = children(confirmation, SAML, 'SubjectConfirmationData');
  if (data === undefined || others.length > 0) throw new SsoError('confirmation_missing', 'no data');
  if (attribute(data, 'NotBefore') !== undefined) throw new SsoError('confirmation_missing', 'NotBefore');
  if (attribute(data, 'NotOnOrAfter') === undefined)
    throw new SsoError('confirmation_missing', 'no NotOnOrAfter');
  if (attribute(data, 'Recipient') !== expected.acsUrl)
    throw new SsoError('recipient_mismatch', attribute(data, 'Recipient'));
  if (attribute(data, 'InResponseTo') !== expected.inResponseTo) throw new SsoError('request_mismatch');
  checkPeriod(expected.now, undefined, requiredTime(data, 'NotOnOrAfter'), 'SubjectConfirmationData');
}

/** When and how the user signed in at the provider (Core §2.7.2). */
interface SamlAuthentication {
  readonly authnInstant: string;
  readonly authnContext?: string;
  readonly sessionIndex?: string;
  readonly sessionNotOnOrAfter?: string;
}

const LONGEST_STATEMENT_TEXT = 1_024;

/**
 * Combines the statements: the oldest sign-in, the earliest end of a session, and the rest from the first.
 *
 * @throws SsoError authentication_missing, not_yet_valid, too_late
 */
function readAuthentication(assertion: XmlElement, now: Date): SamlAuthentication {
  const statements = children(assertion, SAML, 'AuthnStatement');
  const [first] = statements;
  if (first === undefined) throw new SsoError('authentication_missing');
  const instants = statements.map((each) => requiredTime(each, 'AuthnInstant'));
  const ends = statements.flatMap((each) => timeOf(each, 'SessionNotOnOrAfter') ?? []);
  for (const instant of instants) checkPeriod(now, instant, undefined, 'AuthnInstant');
  for (const end of ends) checkPeriod(now, undefined, end, 'SessionNotOnOrAfter');
  const sessionIndex = bounded(attribute(first, 'SessionIndex'));
  const authnContext = bounded(contextOf(first));
  return {
    authnInstant: earliest(instants),
    ...(authnContext === undefined ? {} : { authnContext }),
    ...(sessionIndex === undefined ? {} : { sessionIndex }),
    ...(ends.length === 0 ? {} : { sessionNotOnOrAfter: earliest(ends) }),
  };
}

function contextOf(statement: XmlElement): string | undefined {
  const context = child(statement, SAML, 'AuthnContext');
  const reference = context && child(context, SAML, 'AuthnContextClassRef');
  return reference && textOf(reference);
}

function bounded(text: string | undefined): string | undefined {
  if (text !== undefined && text.length > LONGEST_STATEMENT_TEXT)
    throw new SsoError('structure_unexpected', 'AuthnStatement');
  return text || undefined;
}

function earliest(times: readonly Date[]): string {
  return new Date(Math.min(...times.map((each) => each.getTime()))).toISOString();
}

/** An attribute of a user. Providers that send one element per value (Keycloak's roles) are merged by name. */
interface SamlAttribute {
  readonly name: string;
  readonly friendlyName?: string;
  /** Trimmed, in their order; empty ones left out. */
  readonly values: readonly string[];
}

/** UTF-16 units. How many values there may be follows from the size of a message. */
const LONGEST_VALUE = 8_192;

/**
 * The attributes of an assertion, in their order. A value that is not text, such as the NameID inside an
 * eduPersonTargetedID, is no value.
 * @throws SsoError structure_unexpected for one without a name, attributes_too_large
 */
function readAttributes(assertion: XmlElement): readonly SamlAttribute[] {
  const merged = new Map<string, { name: string; friendlyName?: string; values: string[] }>();
  const statements = children(assertion, SAML, 'AttributeStatement');
  for (const element of statements.flatMap((each) => children(each, SAML, 'Attribute'))) {
    const name = trimBlanks(attribute(element, 'Name') ?? '');
    if (name === '') throw new SsoError('structure_unexpected', 'an Attribute without Name');
    const found = merged.get(name) ?? { name, values: [] };
    const friendlyName = attribute(element, 'FriendlyName');
    if (friendlyName !== undefined) found.friendlyName ??= friendlyName;
    for (const value of children(element, SAML, 'AttributeValue'))
      found.values.push(...textValue(value, name));
    merged.set(name, found);
  }
  return [...merged.values()];
}

function textValue(element: XmlElement, name: string): readonly string[] {
  if (element.children.length > 0 || isNil(element)) return [];
  const text = trimBlanks(element.text);
  if (text.length > LONGEST_VALUE) throw new SsoError('attributes_too_large', truncate(name, 200));
  return text === '' ? [] : [text];
}

function isNil(element: XmlElement): boolean {
  return /^(true|1)$/.test(element.attributes.get(`{${XSI}}nil`)?.trim() ?? '');
}
