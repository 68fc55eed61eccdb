import type { SsoReason } from '../../../../src/directory/rules/sso-reasons.ts';
import { NOW } from '../content.ts';
import { cut, type Elsewhere, type Forgery, swap } from './forgery.ts';

type Change = (xml: string) => string;

/** Said by the provider and signed by it, and yet not for us, not now, or not enough. */
function said(
  reason: SsoReason,
  change: Change,
  detail?: RegExp,
  signs: Forgery['signs'] = 'assertion',
): Forgery {
  return {
    signs,
    reason,
    ...(detail === undefined ? {} : { detail }),
    forge: ({ signed }) => signed(change),
  };
}

/** An honest response in another place, or at another time. */
function presented(reason: SsoReason, elsewhere: Elsewhere, signs: Forgery['signs'] = 'both'): Forgery {
  return { signs, reason, forge: ({ xml }) => xml, elsewhere: () => elsewhere };
}

const at = (minutes: number, seconds = 0) => new Date(NOW.getTime() + minutes * 60_000 + seconds * 1_000);
const stamp = (minutes: number, seconds = 0) => at(minutes, seconds).toISOString();

const confirmation =
  (change: Change): Change =>
  (xml) => {
    const original = cut(xml, 'saml:SubjectConfirmation');
    return swap(xml, original, change(original));
  };
const assertion =
  (change: Change): Change =>
  (xml) => {
    const original = cut(xml, 'saml:Assertion');
    return swap(xml, original, change(original));
  };
const replace =
  (from: string | RegExp, to: string): Change =>
  (xml) =>
    swap(xml, from, to);
const condition = (xml: string) => replace('</saml:Conditions>', `${xml}</saml:Conditions>`);
const OTHER = 'https://other.example';

export const CONDITIONS: Readonly<Record<string, Forgery>> = {
  'SAML 1.1': said('version_unsupported', (xml) => xml.replaceAll('SAML:2.0:protocol', 'SAML:1.0:protocol')),
  'another version of the response': said('version_unsupported', replace(' Version="2.0"', ' Version="2.1"')),
  'no version of the assertion': said('version_unsupported', assertion(replace(' Version="2.0"', ''))),
  'a failed sign-in': said(
    'status_not_success',
    (xml) => swap(swap(xml, ':Success', ':Responder'), cut(xml, 'saml:Assertion'), ''),
    /^Responder$/,
    'response',
  ),
  'a failed sign-in with an assertion': said('status_not_success', replace(':Success', ':Requester')),
  'a failure inside of which is a success': said(
    'status_not_success',
    replace(
      /<samlp:StatusCode [^>]*>/,
      '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:StatusCode>',
    ),
    /^Responder Success$/,
  ),
  'a status of nobody': said(
    'status_not_success',
    replace(/Value="[^"]*:Success"/, 'Value="Success"'),
    /^unknown$/,
  ),
  'two status codes': said(
    'structure_unexpected',
    replace(
      '</samlp:Status>',
      '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/></samlp:Status>',
    ),
    /more than one StatusCode/,
  ),
  'no status': said('structure_unexpected', (xml) => swap(xml, cut(xml, 'samlp:Status'), ''), /StatusCode/),
  'no assertion': said(
    'structure_unexpected',
    (xml) => swap(xml, cut(xml, 'saml:Assertion'), ''),
    /^0 assertions/,
    'response',
  ),
  'two signed assertions (CVE-2022-41912)': said(
    'structure_unexpected',
    (xml) =>
      swap(
        xml,
        '</saml:Assertion>',
        `</saml:Assertion>${swap(cut(xml, 'saml:Assertion'), /ID="[^"]*"/, 'ID="_second"')}`,
      ),
    /more than one Assertion/,
    'response',
  ),
  Extensions: said(
    'structure_unexpected',
    replace('</saml:Issuer>', '</saml:Issuer><samlp:Extensions><x xmlns="urn:x"/></samlp:Extensions>'),
    /^Extensions in Response/,
    'response',
  ),
  'a foreign element in the response': said(
    'structure_unexpected',
    replace('<samlp:Status>', '<x xmlns="urn:x"/><samlp:Status>'),
    /in Response$/,
    'response',
  ),
  'text in the response': said(
    'structure_unexpected',
    replace('<samlp:Status>', 'x<samlp:Status>'),
    /^text in Response/,
    'response',
  ),
  'a foreign statement': said(
    'structure_unexpected',
    replace('</saml:Assertion>', '<saml:AuthzDecisionStatement/></saml:Assertion>'),
    /^AuthzDecisionStatement in Assertion/,
  ),
  'an encrypted attribute': said(
    'structure_unexpected',
    replace('</saml:AttributeStatement>', '<saml:EncryptedAttribute/></saml:AttributeStatement>'),
    /^EncryptedAttribute/,
  ),

  'another issuer of the response': said(
    'issuer_mismatch',
    replace(/(?<=<saml:Issuer>)[^<]*/, OTHER),
    /other/,
  ),
  'another issuer of the assertion': said(
    'issuer_mismatch',
    assertion(replace(/(?<=<saml:Issuer>)[^<]*/, OTHER)),
    /other/,
  ),
  'the issuer with more behind it': said(
    'issuer_mismatch',
    assertion(replace('</saml:Issuer>', '.evil.example</saml:Issuer>')),
  ),
  'no issuer of a signed response': said(
    'signature_shape',
    (xml) => swap(xml, cut(xml, 'saml:Issuer'), ''),
    /where it is|Reference/,
    'response',
  ),
  'an issuer in parts': said(
    'signature_shape',
    assertion(replace('<saml:Issuer>', '<saml:Issuer><x xmlns="urn:x"/>')),
  ),

  'another destination': said(
    'destination_mismatch',
    replace(/Destination="[^"]*"/, `Destination="${OTHER}"`),
    /other/,
  ),
  'no destination of a signed response': said(
    'destination_mismatch',
    replace(/ Destination="[^"]*"/, ''),
    undefined,
    'response',
  ),
  'another recipient': said(
    'recipient_mismatch',
    confirmation(replace(/Recipient="[^"]*"/, `Recipient="${OTHER}"`)),
    /other/,
  ),
  'no recipient': said('recipient_mismatch', confirmation(replace(/ Recipient="[^"]*"/, ''))),
  'another audience': said('audience_mismatch', replace(/(?<=<saml:Audience>)[^<]*/, OTHER), /other/),
  'an audience that begins like ours': said(
    'audience_mismatch',
    replace('</saml:Audience>', '/more</saml:Audience>'),
  ),
  'no audience': said('audience_mismatch', (xml) => swap(xml, cut(xml, 'saml:AudienceRestriction'), '')),
  'no conditions': said(
    'audience_mismatch',
    (xml) => swap(xml, cut(xml, 'saml:Conditions'), ''),
    /no Conditions/,
  ),
  'a second restriction to another audience': said(
    'audience_mismatch',
    condition(`<saml:AudienceRestriction><saml:Audience>${OTHER}</saml:Audience></saml:AudienceRestriction>`),
  ),
  'a condition of a profile that we do not know': said(
    'condition_unknown',
    condition('<x:Delegate xmlns:x="urn:x"/>'),
    /Delegate/,
  ),
  'a condition of an extended type': said('condition_unknown', condition('<saml:Condition/>'), /^Condition/),

  'another confirmation than by bearer': said(
    'confirmation_missing',
    replace(':cm:bearer', ':cm:holder-of-key'),
  ),
  'no confirmation': said('confirmation_missing', (xml) =>
    swap(xml, cut(xml, 'saml:SubjectConfirmation'), ''),
  ),
  'a confirmation without data': said(
    'confirmation_missing',
    confirmation((xml) => swap(xml, cut(xml, 'saml:SubjectConfirmationData'), '')),
    /no data/,
  ),
  'a confirmation that never ends': said(
    'confirmation_missing',
    confirmation(replace(/ NotOnOrAfter="[^"]*"/, '')),
    /no NotOnOrAfter/,
  ),
  'a confirmation that begins': said(
    'confirmation_missing',
    confirmation(replace(' Recipient', ` NotBefore="${stamp(-1)}" Recipient`)),
    /NotBefore/,
  ),
  'a confirmation that is over': said(
    'too_late',
    confirmation(replace(/NotOnOrAfter="[^"]*"/, `NotOnOrAfter="${stamp(-1)}"`)),
    /SubjectConfirmationData/,
  ),
  'another request in the confirmation': said(
    'request_mismatch',
    confirmation(replace(/InResponseTo="[^"]*"/, 'InResponseTo="_other"')),
  ),
  'a request in the response alone': said(
    'request_mismatch',
    confirmation(replace(/ InResponseTo="[^"]*"/, '')),
  ),
  'a request in the confirmation alone': said('request_mismatch', replace(/ InResponseTo="[^"]*"/, '')),
  'a request that is no ID': said(
    'structure_unexpected',
    (xml) => xml.replaceAll(/InResponseTo="[^"]*"/g, 'InResponseTo=" "'),
    /InResponseTo/,
  ),

  'conditions that are over': said(
    'too_late',
    replace(/(?<=<saml:Conditions [^>]*NotOnOrAfter=")[^"]*/, stamp(-1)),
    /Conditions/,
  ),
  'conditions that have not begun': said(
    'not_yet_valid',
    replace(/(?<=<saml:Conditions NotBefore=")[^"]*/, stamp(1, 1)),
    /Conditions/,
  ),
  'an assertion of eleven minutes ago': said(
    'too_late',
    assertion(replace(/IssueInstant="[^"]*"/, `IssueInstant="${stamp(-11)}"`)),
    /IssueInstant of Assertion/,
  ),
  'a response of eleven minutes ago': said(
    'too_late',
    replace(/IssueInstant="[^"]*"/, `IssueInstant="${stamp(-11)}"`),
    /IssueInstant of Response/,
  ),
  'an assertion of the future': said(
    'not_yet_valid',
    assertion(replace(/IssueInstant="[^"]*"/, `IssueInstant="${stamp(1, 1)}"`)),
    /IssueInstant/,
  ),
  'a session that is over': said(
    'too_late',
    replace('<saml:AuthnStatement ', `<saml:AuthnStatement SessionNotOnOrAfter="${stamp(-1)}" `),
    /SessionNotOnOrAfter/,
  ),
  'a sign-in of the future': said(
    'not_yet_valid',
    replace(/AuthnInstant="[^"]*"/, `AuthnInstant="${stamp(1, 1)}"`),
    /AuthnInstant/,
  ),
  'a time in words': said(
    'structure_unexpected',
    assertion(replace(/IssueInstant="[^"]*"/, 'IssueInstant="today"')),
    /IssueInstant is no time/,
  ),
  'a time without a zone': said(
    'structure_unexpected',
    assertion(replace(/(IssueInstant="[^"Z]*)Z"/, 'IssueInstant="2026-11-27T12:00:00"')),
    /no time/,
  ),
  'a thirteenth month': said(
    'structure_unexpected',
    replace(/(?<=<saml:Conditions NotBefore=")[^"]*/, '2026-13-01T00:00:00Z'),
    /NotBefore/,
  ),
  'no time at all': said(
    'structure_unexpected',
    assertion(replace(/ IssueInstant="[^"]*"/, '')),
    /no IssueInstant/,
  ),

  'no authentication': said('authentication_missing', (xml) =>
    swap(xml, cut(xml, 'saml:AuthnStatement'), ''),
  ),
  'no subject': said('subject_missing', (xml) => swap(xml, cut(xml, 'saml:Subject'), ''), /no Subject/),
  'no NameID': said('subject_missing', (xml) => swap(xml, cut(xml, 'saml:NameID'), ''), /not one/),
  'two NameID': said(
    'subject_missing',
    replace('</saml:NameID>', '</saml:NameID><saml:NameID>mallory</saml:NameID>'),
    /not one/,
  ),
  'an encrypted NameID': said(
    'structure_unexpected',
    (xml) => swap(xml, cut(xml, 'saml:NameID'), '<saml:EncryptedID/>'),
    /EncryptedID/,
  ),
  'a transient NameID': said(
    'subject_missing',
    replace('nameid-format:persistent', 'nameid-format:transient'),
    /transient/,
  ),
  'an empty NameID': said(
    'subject_missing',
    replace('>alice@example.com</saml:NameID>', '> \n </saml:NameID>'),
    /empty/,
  ),
  'a NameID of 257 characters': said(
    'subject_missing',
    replace('>alice@example.com</saml:NameID>', `>${'a'.repeat(257)}</saml:NameID>`),
    /too long/,
  ),
  'a NameID of two lines': said(
    'subject_missing',
    replace('>alice@example.com</saml:NameID>', '>alice\nmallory</saml:NameID>'),
    /control/,
  ),
  'an element in the NameID': said(
    'subject_missing',
    replace('>alice@example.com</saml:NameID>', '>alice<b xmlns="urn:x"/></saml:NameID>'),
    /elements/,
  ),
  'an attribute without a name': said(
    'structure_unexpected',
    replace('<saml:Attribute Name="email">', '<saml:Attribute xmlns:x="urn:x" x:Name="email">'),
    /without Name/,
  ),
  'a value of 9 KiB': said('attributes_too_large', replace('Support Team', 'x'.repeat(9_000)), /memberOf/),

  'the issuer of another connection': presented('issuer_mismatch', { idp: { entityId: OTHER } }),
  'the entity ID of another connection': presented('audience_mismatch', { sp: { entityId: OTHER } }),
  'the ACS address of another connection': presented('destination_mismatch', { sp: { acsUrl: OTHER } }),
  'encryption that is required': presented('encryption_required', { idp: { encryption: 'required' } }),
  'the day before': presented('not_yet_valid', { now: at(-1_440) }),
  'the day after': presented('too_late', { now: at(1_440) }),
};
