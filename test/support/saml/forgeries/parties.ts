import { cut, type Forgery, swap } from './forgery.ts';
import { assertion, at, condition, confirmation, OTHER, presented, replace, said } from './said.ts';

/** Signed by the provider, but not in the form of a response, or with another issuer or destination. */
export const PARTIES: Readonly<Record<string, Forgery>> = {
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
  'a status without an owner': said(
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
  'the issuer of another connection': presented('issuer_mismatch', { idp: { entityId: OTHER } }),
  'the entity ID of another connection': presented('audience_mismatch', { sp: { entityId: OTHER } }),
  'the ACS address of another connection': presented('destination_mismatch', { sp: { acsUrl: OTHER } }),
  'encryption that is required': presented('encryption_required', { idp: { encryption: 'required' } }),
  'the day before': presented('not_yet_valid', { now: at(-1_440) }),
  'the day after': presented('too_late', { now: at(1_440) }),
};
