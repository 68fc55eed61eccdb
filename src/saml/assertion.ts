import { SsoError } from '../sso/sso-error.ts';
import { readAttributes, type SamlAttribute } from './attributes.ts';
import { readAuthentication, type SamlAuthentication } from './authentication.ts';
import { checkConditions } from './conditions.ts';
import { checkAge, checkIssuer, checkVersion, MAX_AGE } from './envelope.ts';
import { isId } from './ids.ts';
import { DS, SAML } from './namespaces.ts';
import type { SamlIdentityProvider, SamlServiceProvider } from './parties.ts';
import { checkChildren } from './structure.ts';
import { checkConfirmation, readNameId, type SamlNameId } from './subject.ts';
import { SKEW } from './times.ts';
import type { XmlElement } from './xml.ts';
import { attribute, child } from './xml-readers.ts';

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
