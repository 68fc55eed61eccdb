import { SsoError } from '../sso/sso-error.ts';
import { SAML } from './namespaces.ts';
import { checkPeriod, requiredTime } from './times.ts';
import type { XmlElement } from './xml.ts';
import { isDeceptive, trimBlanks } from './xml-blanks.ts';
import { attribute, children } from './xml-readers.ts';

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
const LONGEST = 256;
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
  if (value === '' || value.length > LONGEST) throw new SsoError('subject_missing', 'empty or too long');
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
 * Checks that one bearer confirmation holds (Profiles §4.1.4.2): for this address, not over, without a beginning, and
 * in answer to the request of the response, or to none if the response has none.
 * @throws SsoError confirmation_missing, or what is wrong with the last one
 */
export function checkConfirmation(
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
