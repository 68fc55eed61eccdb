import { cut, type Forgery, swap } from './forgery.ts';
import { assertion, confirmation, replace, said, stamp } from './said.ts';

/** Signed by the provider, and yet not now, not confirmed, or about no one. */
export const CONDITIONS: Readonly<Record<string, Forgery>> = {
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
  'a confirmation that has expired': said(
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
  'conditions that have expired': said(
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
  'a session that has ended': said(
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
    /invisible/,
  ),
  // Each of these would be the subject of Alice if blanks were taken away as JavaScript does.
  ...Object.fromEntries(
    [
      ['a byte order mark behind', 'alice@example.com\ufeff'],
      ['a byte order mark before', '\ufeffalice@example.com'],
      ['a no-break space behind', 'alice@example.com\u00a0'],
      ['an ideographic space before', '\u3000alice@example.com'],
      ['a zero-width space within', 'alice\u200b@example.com'],
      ['a soft hyphen within', 'ali\u00adce@example.com'],
      ['a mark of direction before', '\u202ealice@example.com'],
    ].map(([what, nameId]) => [
      `${what} the NameID`,
      said(
        'subject_missing',
        replace('>alice@example.com</saml:NameID>', `>${nameId}</saml:NameID>`),
        /invisible/,
      ),
    ]),
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
};
