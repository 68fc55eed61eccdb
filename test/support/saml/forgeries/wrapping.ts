import { cut, evil, type Forgery, swap } from './forgery.ts';

const ASSERTION = 'saml:Assertion';
const SIGNATURE = 'ds:Signature';

/** A response around what is given, without a signature of its own. */
function evilResponse(xml: string, children: string): string {
  const opening = swap(cutOpening(xml), /ID="[^"]*"/, 'ID="_evilresponse"');
  return `${opening}${cut(xml, 'saml:Issuer')}${children}</samlp:Response>`;
}

function cutOpening(xml: string): string {
  return /<samlp:Response\b[^>]*>/.exec(xml)?.[0] ?? '';
}

const status = (xml: string) => cut(xml, 'samlp:Status');
const without = (xml: string, part: string) => swap(xml, part, '');

/** Signature wrapping (Somorovsky et al., "On Breaking SAML"), numbered as the testing tools number it, and variants. */
export const WRAPPING: Readonly<Record<string, Forgery>> = {
  'XSW 1: the signed response inside the signature of a forged one': {
    signs: 'response',
    reason: 'structure_unexpected',
    detail: /^Response in Signature/,
    forge: ({ xml }) => {
      const signature = cut(xml, SIGNATURE);
      const original = without(xml, signature);
      const holding = swap(signature, '</ds:Signature>', `${original}</ds:Signature>`);
      return evilResponse(xml, holding + status(xml) + evil(cut(xml, ASSERTION)));
    },
  },
  'XSW 2: the signed response beside the signature': {
    signs: 'response',
    reason: 'structure_unexpected',
    detail: /^Response in Response/,
    forge: ({ xml }) => {
      const signature = cut(xml, SIGNATURE);
      return evilResponse(xml, without(xml, signature) + signature + status(xml) + evil(cut(xml, ASSERTION)));
    },
  },
  'XSW 3: a forged assertion before the signed one': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /more than one Assertion in Response/,
    forge: ({ xml }) => swap(xml, '<saml:Assertion', `${evil(cut(xml, ASSERTION))}<saml:Assertion`),
  },
  'XSW 3 behind: a forged assertion after the signed one': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /more than one Assertion in Response/,
    forge: ({ xml }) => swap(xml, '</saml:Assertion>', `</saml:Assertion>${evil(cut(xml, ASSERTION))}`),
  },
  'XSW 4: the signed assertion inside a forged one': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /^Assertion in Assertion/,
    forge: ({ xml }) => {
      const original = cut(xml, ASSERTION);
      return swap(xml, original, swap(evil(original), '</saml:Assertion>', `${original}</saml:Assertion>`));
    },
  },
  'XSW 5: the signature in the forged assertion, the signed one at the end': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /more than one Assertion in Response/,
    forge: ({ xml }) => {
      const original = cut(xml, ASSERTION);
      const signature = cut(original, SIGNATURE);
      const forged = swap(evil(original), '</saml:Issuer>', `</saml:Issuer>${signature}`);
      return swap(xml, original, forged + without(original, signature));
    },
  },
  'XSW 6: the signed assertion inside the signature of a forged one': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /^Assertion in Signature/,
    forge: ({ xml }) => {
      const original = cut(xml, ASSERTION);
      const signature = cut(original, SIGNATURE);
      const holding = swap(signature, '</ds:Signature>', `${without(original, signature)}</ds:Signature>`);
      return swap(xml, original, swap(evil(original), '</saml:Issuer>', `</saml:Issuer>${holding}`));
    },
  },
  'XSW 7: the signed assertion in Extensions': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /in (Extensions|Response)$/,
    forge: ({ xml }) => {
      const original = cut(xml, ASSERTION);
      const forged = swap(xml, original, evil(original));
      return swap(forged, '</saml:Issuer>', `</saml:Issuer><samlp:Extensions>${original}</samlp:Extensions>`);
    },
  },
  'XSW 7 reversed: a forged assertion in Extensions': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /in (Extensions|Response)$/,
    forge: ({ xml }) =>
      swap(
        xml,
        '</saml:Issuer>',
        `</saml:Issuer><samlp:Extensions>${evil(cut(xml, ASSERTION))}</samlp:Extensions>`,
      ),
  },
  'XSW 8: the signed assertion in an Object of the signature': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /^Assertion in Object/,
    forge: ({ xml }) => {
      const original = cut(xml, ASSERTION);
      const signature = cut(original, SIGNATURE);
      const object = `<ds:Object>${without(original, signature)}</ds:Object></ds:Signature>`;
      const holding = swap(signature, '</ds:Signature>', object);
      return swap(xml, original, swap(evil(original), '</saml:Issuer>', `</saml:Issuer>${holding}`));
    },
  },
  'a forged assertion in an Object of the genuine signature': {
    signs: 'response',
    reason: 'structure_unexpected',
    detail: /^Assertion in Object/,
    forge: ({ xml }) =>
      swap(xml, '</ds:Signature>', `<ds:Object>${evil(cut(xml, ASSERTION))}</ds:Object></ds:Signature>`),
  },
  'a forged assertion in the KeyInfo of the genuine signature': {
    signs: 'response',
    reason: 'structure_unexpected',
    detail: /^Assertion in KeyInfo/,
    forge: ({ xml }) => swap(xml, '</ds:KeyInfo>', `${evil(cut(xml, ASSERTION))}</ds:KeyInfo>`),
  },
  'a signed error with a forged assertion in its signature (OneUptime 2981)': {
    signs: 'response',
    reason: 'structure_unexpected',
    detail: /^Assertion in Object/,
    forge: ({ xml, signed }) => {
      const failed = signed((each) => swap(swap(each, ':Success', ':Responder'), cut(each, ASSERTION), ''));
      const hidden = `<ds:Object>${evil(cut(xml, ASSERTION))}</ds:Object></ds:Signature>`;
      return swap(failed, '</ds:Signature>', hidden);
    },
  },
  'a foreign element in KeyInfo': {
    signs: 'response',
    reason: 'signature_shape',
    detail: /^KeyInfo/,
    forge: ({ xml }) => swap(xml, '</ds:KeyInfo>', '<x xmlns="urn:x"/></ds:KeyInfo>'),
  },
  'an Object that holds nothing': {
    signs: 'assertion',
    reason: 'signature_shape',
    detail: /^Signature/,
    forge: ({ xml }) => swap(xml, '</ds:Signature>', '<ds:Object/></ds:Signature>'),
  },
  'the signature moved to the end of the assertion': {
    signs: 'assertion',
    reason: 'signature_shape',
    detail: /where it is/,
    forge: ({ xml }) => {
      const signature = cut(xml, SIGNATURE);
      return swap(without(xml, signature), '</saml:Assertion>', `${signature}</saml:Assertion>`);
    },
  },
  'the signature of the assertion moved to the response': {
    signs: 'assertion',
    reason: 'signature_shape',
    detail: /^Reference/,
    forge: ({ xml }) => {
      const signature = cut(xml, SIGNATURE);
      return swap(without(xml, signature), '</saml:Issuer>', `</saml:Issuer>${signature}`);
    },
  },
  'the signature moved into the subject': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /^Signature in Subject/,
    forge: ({ xml }) => {
      const signature = cut(xml, SIGNATURE);
      return swap(without(xml, signature), '</saml:Subject>', `${signature}</saml:Subject>`);
    },
  },
  'a signature in StatusDetail (CVE-2024-45409)': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /^Signature in StatusDetail/,
    forge: ({ xml }) => {
      const original = cut(xml, ASSERTION);
      const detail = `<samlp:StatusDetail>${cut(original, SIGNATURE)}</samlp:StatusDetail></samlp:Status>`;
      return swap(swap(xml, original, evil(original)), '</samlp:Status>', detail);
    },
  },
  'a DigestValue in StatusDetail, and another user': {
    signs: 'assertion',
    reason: 'digest_mismatch',
    forge: ({ xml }) => {
      const digest = '<ds:DigestValue xmlns:ds="http://www.w3.org/2000/09/xmldsig#">MTIz</ds:DigestValue>';
      const forged = swap(xml, '>alice@example.com</saml:NameID>', '>mallory@example.com</saml:NameID>');
      return swap(
        forged,
        '</samlp:Status>',
        `<samlp:StatusDetail>${digest}</samlp:StatusDetail></samlp:Status>`,
      );
    },
  },
  'a forged assertion in StatusDetail': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /^Assertion in StatusDetail/,
    forge: ({ xml }) =>
      swap(
        xml,
        '</samlp:Status>',
        `<samlp:StatusDetail>${evil(cut(xml, ASSERTION))}</samlp:StatusDetail></samlp:Status>`,
      ),
  },
  'a forged assertion in Advice': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /in (Advice|Assertion)/,
    forge: ({ xml }) =>
      swap(
        xml,
        '</saml:Conditions>',
        `</saml:Conditions><saml:Advice>${evil(cut(xml, ASSERTION))}</saml:Advice>`,
      ),
  },
  'a forged assertion in the value of an attribute': {
    signs: 'response',
    reason: 'structure_unexpected',
    detail: /^Assertion in AttributeValue/,
    forge: ({ xml }) =>
      swap(xml, '</saml:AttributeValue>', `${evil(cut(xml, ASSERTION))}</saml:AttributeValue>`),
  },
  'a second status before the signed part': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /more than one Status/,
    forge: ({ xml }) => swap(xml, '<samlp:Status>', `${status(xml)}<samlp:Status>`),
  },
  'a second signature before the genuine one': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /more than one Signature in Assertion/,
    forge: ({ xml }) => {
      const decoy = swap(cut(xml, SIGNATURE), /<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>MTIz');
      return swap(xml, '<ds:Signature ', `${decoy}<ds:Signature `);
    },
  },
  'a copy of the signature behind the genuine one': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /more than one Signature in Assertion/,
    forge: ({ xml }) => swap(xml, '</ds:Signature>', `</ds:Signature>${cut(xml, SIGNATURE)}`),
  },
  'the signed assertion in a LogoutRequest (samlify 634)': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /^a LogoutRequest/,
    forge: ({ xml }) =>
      swap(xml.replaceAll('samlp:Response', 'samlp:LogoutRequest'), cut(xml, 'samlp:Status'), ''),
  },
  'the signed assertion in an AuthnRequest': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /^a AuthnRequest/,
    forge: ({ xml }) => xml.replaceAll('samlp:Response', 'samlp:AuthnRequest'),
  },
  'the signed assertion alone': {
    signs: 'assertion',
    reason: 'structure_unexpected',
    detail: /^a Assertion/,
    forge: ({ xml }) =>
      swap(
        cut(xml, ASSERTION),
        '<saml:Assertion',
        '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"',
      ),
  },
  'a Response of a foreign namespace around the signed one': {
    signs: 'response',
    reason: 'structure_unexpected',
    detail: /^a Response/,
    forge: ({ xml }) => `<Response xmlns="urn:x" ID="_x" Version="2.0">${xml}</Response>`,
  },
  'the assertion in a foreign namespace': {
    signs: 'response',
    reason: 'structure_unexpected',
    forge: ({ signed }) =>
      signed((each) => swap(each, '<saml:Assertion', '<saml:Assertion xmlns:saml="urn:x"')),
  },
};
