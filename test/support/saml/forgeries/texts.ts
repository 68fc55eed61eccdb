import { deflateRawSync } from 'node:zlib';
import { cut, evil, type Forgery, swap } from './forgery.ts';

const NAME = '>alice@example.com</saml:NameID>';

const forbidden = (detail: RegExp, change: (xml: string) => string): Forgery => ({
  signs: 'assertion',
  reason: 'xml_forbidden',
  detail,
  forge: ({ xml }) => change(xml),
});

const malformed = (change: (xml: string) => string | Buffer, detail?: RegExp): Forgery => ({
  signs: 'assertion',
  reason: 'message_malformed',
  ...(detail === undefined ? {} : { detail }),
  forge: ({ xml }) => change(xml),
});

const ids = (change: (xml: string) => string): Forgery => ({
  signs: 'assertion',
  reason: 'ids_not_unique',
  forge: ({ xml }) => change(xml),
});

/** XML in which one parser sees what another does not. */
export const TEXTS: Readonly<Record<string, Forgery>> = {
  'a comment in the NameID (CVE-2017-11428)': forbidden(/comment/, (xml) =>
    swap(xml, NAME, '>alice@example.com<!---->.evil.example</saml:NameID>'),
  ),
  'a processing instruction in the NameID (OneUptime 2988)': forbidden(/processing instruction/, (xml) =>
    swap(xml, NAME, '><?p alice@?>example.com</saml:NameID>'),
  ),
  'CDATA in the NameID': forbidden(/CDATA/, (xml) =>
    swap(xml, NAME, '><![CDATA[alice@example.com]]></saml:NameID>'),
  ),
  'a comment in DigestValue (CVE-2025-29775)': forbidden(/comment/, (xml) =>
    swap(xml, '<ds:DigestValue>', '<ds:DigestValue><!-- MTIz -->'),
  ),
  'a comment in SignedInfo': forbidden(/comment/, (xml) =>
    swap(xml, '<ds:SignedInfo>', '<ds:SignedInfo><!---->'),
  ),
  'a comment behind the document': forbidden(/comment/, (xml) => `${xml}<!-- -->`),
  'a DOCTYPE': forbidden(/DOCTYPE/, (xml) => `<!DOCTYPE samlp:Response>${xml}`),
  'an entity in the NameID': forbidden(
    /DOCTYPE/,
    (xml) => `<!DOCTYPE r [<!ENTITY e "alice@example.com">]>${swap(xml, NAME, '>&e;</saml:NameID>')}`,
  ),
  'an external entity': forbidden(
    /DOCTYPE/,
    (xml) => `<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>${swap(xml, NAME, '>&e;</saml:NameID>')}`,
  ),
  'a billion laughs': forbidden(
    /DOCTYPE/,
    (xml) =>
      `<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>${swap(xml, NAME, '>&b;</saml:NameID>')}`,
  ),
  'an ID by a DTD (CVE-2025-23369)': forbidden(
    /DOCTYPE/,
    (xml) => `<!DOCTYPE r [<!ATTLIST saml:Assertion ID ID #IMPLIED>]>${xml}`,
  ),
  'a style sheet': forbidden(/processing instruction/, (xml) => `<?xml-stylesheet href="x"?>${xml}`),
  'a relative namespace, for a void canonical form (CVE-2025-66568)': forbidden(/absolute URI/, (xml) =>
    swap(xml, '<saml:Assertion ', '<saml:Assertion xmlns:x="1" '),
  ),
  'a namespace that is undeclared': forbidden(/absolute URI/, (xml) =>
    swap(xml, '<saml:Subject>', '<saml:Subject xmlns="">'),
  ),
  'a namespace behind white space': forbidden(/absolute URI/, (xml) =>
    swap(xml, '<saml:Subject>', '<saml:Subject xmlns:saml=" urn:oasis:names:tc:SAML:2.0:assertion">'),
  ),
  'another version of XML': forbidden(/version/, (xml) => `<?xml version="1.1"?>${xml}`),
  'a declaration of UTF-16': forbidden(/encoding/, (xml) => `<?xml version="1.0" encoding="UTF-16"?>${xml}`),
  'a declaration of UTF-7': forbidden(/encoding/, (xml) => `<?xml version="1.0" encoding="UTF-7"?>${xml}`),
  'two declarations': forbidden(
    /processing instruction/,
    (xml) => `<?xml version="1.0"?><?xml version="1.0"?>${xml}`,
  ),
  'elements a thousand deep': forbidden(/deeper/, (xml) =>
    swap(xml, '</samlp:Status>', `${'<x>'.repeat(1_000)}${'</x>'.repeat(1_000)}</samlp:Status>`),
  ),
  'elements by the thousand': forbidden(/elements/, (xml) =>
    swap(xml, '</samlp:Status>', `${'<x/>'.repeat(9_000)}</samlp:Status>`),
  ),
  'attributes by the hundred': forbidden(/attributes/, (xml) =>
    swap(
      xml,
      '<samlp:Status>',
      `<samlp:Status ${Array.from({ length: 100 }, (_, at) => `a${at}=""`).join(' ')}>`,
    ),
  ),
  'namespaces by the hundred': forbidden(/namespaces/, (xml) => {
    const declare = (from: number) =>
      Array.from({ length: 25 }, (_, at) => ` xmlns:n${from + at}="urn:n"`).join('');
    return swap(xml, '<samlp:Status>', `<samlp:Status${declare(0)}><x${declare(25)}><y${declare(50)}/></x>`);
  }),
  'references by the ten thousand': forbidden(/references/, (xml) =>
    swap(xml, NAME, `>${'&#65;'.repeat(10_000)}</saml:NameID>`),
  ),

  'another root behind the document (CVE-2022-39299)': malformed((xml) => xml + xml, /one root/),
  'another root before the document': malformed((xml) => `<x/>${xml}`, /one root/),
  'text behind the document': malformed((xml) => `${xml}x`, /outside of root/),
  'text before the document': malformed((xml) => `x${xml}`, /outside of root/),
  'an undeclared entity': malformed((xml) => swap(xml, NAME, '>&e;</saml:NameID>'), /undefined entity/),
  'an unbound prefix': malformed((xml) => swap(xml, '<samlp:Status>', '<samlp:Status><y:x/>'), /unbound/),
  'an attribute twice': malformed((xml) => swap(xml, ' Version=', ' Version="2.0" Version='), /duplicate/),
  'an attribute twice by two prefixes': malformed(
    (xml) => swap(xml, '<saml:Subject>', '<saml:Subject xmlns:a="urn:a" xmlns:b="urn:a" a:x="" b:x="">'),
    /duplicate/,
  ),
  'junk in an end tag': malformed(
    (xml) => swap(xml, '</saml:Subject>', '</saml:Subject x="">'),
    /closing tag/,
  ),
  'a control character': malformed(
    (xml) => swap(xml, NAME, '>alice@example.com\u0000</saml:NameID>'),
    /disallowed/,
  ),
  'a reference to a control character': malformed((xml) =>
    swap(xml, NAME, '>alice@example.com&#0;</saml:NameID>'),
  ),
  'the xml namespace by another name (The Fragile Lock)': malformed((xml) =>
    swap(xml, '<saml:Subject>', '<saml:Subject xmlns:x="http://www.w3.org/XML/1998/namespace">'),
  ),
  'a byte order mark': malformed((xml) => `\uFEFF${xml}`, /UTF-8/),
  'half a surrogate pair in UTF-8': malformed(
    (xml) => Buffer.concat([Buffer.from(xml), Buffer.from([0xed, 0xa0, 0x80])]),
    /UTF-8/,
  ),
  'a byte that is not UTF-8': malformed(
    (xml) => Buffer.from(swap(xml, 'Alice', 'Alic\u00e9'), 'latin1'),
    /UTF-8/,
  ),
  'an overlong encoding': malformed((xml) => {
    const [before = '', after = ''] = xml.split(NAME);
    return Buffer.concat([Buffer.from(before), Buffer.from([0xc0, 0xbc]), Buffer.from(NAME + after)]);
  }, /UTF-8/),
  'UTF-16': malformed((xml) => Buffer.from(`\uFEFF${xml}`, 'utf16le'), /UTF-8/),
  'a deflated message': malformed((xml) => deflateRawSync(xml)),

  'one ID twice': ids((xml) => swap(xml, '<saml:Subject>', '<saml:Subject ID="_a7f1c2d3e">')),
  'one ID as Id': ids((xml) => swap(xml, '<saml:Subject>', '<saml:Subject Id="_a7f1c2d3e">')),
  'one ID as id, before': ids((xml) => swap(xml, '<samlp:Status>', '<samlp:Status id="_a7f1c2d3e">')),
  'an ID in a foreign namespace': ids((xml) =>
    swap(xml, '<samlp:Status>', '<samlp:Status xmlns:x="urn:x" x:ID="_a7f1c2d3e">'),
  ),
  'an xml:id': ids((xml) => swap(xml, '<samlp:Status>', '<samlp:Status xml:id="_a7f1c2d3e">')),
  'two IDs on one element (attribute pollution)': ids((xml) =>
    swap(
      xml,
      '<saml:Assertion ',
      '<saml:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" saml2:ID="_x" ',
    ),
  ),
  'an ID and an Id on one element': ids((xml) => swap(xml, '<saml:Assertion ', '<saml:Assertion Id="_x" ')),
  'a forged assertion of the same ID': ids((xml) => {
    const original = cut(xml, 'saml:Assertion');
    return swap(xml, original, swap(evil(original), 'ID="_evil"', 'ID="_a7f1c2d3e"') + original);
  }),
};

const base64 = (xml: string) => Buffer.from(xml).toString('base64');

/** What is posted instead of the base64 of XML. */
export const FIELDS: Readonly<
  Record<string, { readonly reason: Forgery['reason']; readonly post: (xml: string) => string }>
> = {
  nothing: { reason: 'message_missing', post: () => '' },
  'white space': { reason: 'message_missing', post: () => ' \r\n' },
  'XML itself': { reason: 'message_malformed', post: (xml) => xml },
  'base64 in the alphabet of URLs': {
    reason: 'message_malformed',
    post: (xml) => `${base64(xml).replace(/=+$/, '')}-_--`,
  },
  'base64 without its padding': {
    reason: 'message_malformed',
    post: (xml) =>
      `${base64(`${xml} `.padEnd(xml.length + 3 - (Buffer.byteLength(xml) % 3) + 1)).replace(/=+$/, '')}x`,
  },
  'base64 with padding in its middle': { reason: 'message_malformed', post: (xml) => `YQ==${base64(xml)}` },
  'base64 with bits to spare': { reason: 'message_malformed', post: () => 'PGEvPh==' },
  'base64 with a foreign character in it': { reason: 'message_malformed', post: (xml) => `*${base64(xml)}` },
  'base64 with a form feed': { reason: 'message_malformed', post: (xml) => `${base64(xml)}\f` },
  'base64 twice': { reason: 'message_malformed', post: (xml) => base64(base64(xml)) },
  'a data URL': { reason: 'message_malformed', post: (xml) => `data:text/xml;base64,${base64(xml)}` },
  'one byte too many': {
    reason: 'message_too_large',
    post: (xml) => base64(xml.padEnd(256 * 1_024 + 1 - Buffer.byteLength(xml) + xml.length)),
  },
  'ten megabytes of base64': { reason: 'message_too_large', post: () => 'QUFB'.repeat(2_500_000) },
  'ten megabytes of white space': { reason: 'message_too_large', post: () => ' '.repeat(10_000_000) },
};
