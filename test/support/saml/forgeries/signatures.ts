import { createHmac } from 'node:crypto';
import { DS, ENVELOPED, EXC_C14N, sign } from '../sign.ts';
import { cut, evil, type Forgery, swap } from './forgery.ts';

const same = (xml: string) => xml;
const mallory = (xml: string) =>
  swap(xml, '>alice@example.com</saml:NameID>', '>mallory@example.com</saml:NameID>');
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const TRANSFORM = `<ds:Transform Algorithm="${ENVELOPED}"/>`;
const CANONICAL = `<ds:Transform Algorithm="${EXC_C14N}"/>`;

const shape = (detail: RegExp, change: (xml: string) => string): Forgery => ({
  signs: 'assertion',
  reason: 'signature_shape',
  detail,
  forge: ({ xml }) => change(xml),
});

/** Signed by the provider itself, and rejected nevertheless: what the algorithm is must not be the sender's choice. */
const algorithm = (
  detail: RegExp,
  style: Parameters<Parameters<Forgery['forge']>[0]['signed']>[1],
): Forgery => ({
  signs: 'assertion',
  reason: 'algorithm_refused',
  detail,
  forge: ({ signed }) => signed(same, style),
});

/** No signature, or one that another user made. */
export const KEYS: Readonly<Record<string, Forgery>> = {
  'no signature at all': {
    signs: 'assertion',
    reason: 'unsigned',
    forge: ({ xml }) => swap(mallory(xml), cut(xml, 'ds:Signature'), ''),
  },
  'a signed response without its signature': {
    signs: 'response',
    reason: 'unsigned',
    forge: ({ xml }) => swap(xml, cut(xml, 'ds:Signature'), ''),
  },
  'another user in the signed element': {
    signs: 'assertion',
    reason: 'digest_mismatch',
    forge: ({ xml }) => mallory(xml),
  },
  'another user in a signed response': {
    signs: 'response',
    reason: 'digest_mismatch',
    forge: ({ xml }) => mallory(xml),
  },
  'another user where both are signed, in place of the assertion': {
    signs: 'both',
    reason: 'digest_mismatch',
    forge: ({ xml }) => mallory(xml),
  },
  'a response whose own signature is good and that of the assertion is not': {
    signs: 'both',
    reason: 'signature_invalid',
    forge: ({ signed, attacker, party }) => {
      const byAttacker = signed(mallory, {}, attacker);
      const inside = swap(byAttacker, cut(byAttacker, 'ds:Signature'), '');
      return sign(inside, 'Response', party, { prefix: 'ds' });
    },
  },
  'a signature without a value': shape(/^SignatureValue/, (xml) =>
    swap(xml, /<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>'),
  ),
  'the key of an attacker, with its certificate in KeyInfo (CVE-2024-32962)': {
    signs: 'assertion',
    reason: 'signature_invalid',
    forge: ({ signed, attacker }) => signed(mallory, {}, attacker),
  },
  'the key of an attacker, with the certificate of the provider in KeyInfo': {
    signs: 'assertion',
    reason: 'signature_invalid',
    forge: ({ signed, attacker, party }) => {
      const certificate = party.certificatePem.replace(/-----[^-]+-----|\s/g, '');
      const data = `<ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data>`;
      return signed(mallory, { keyInfo: `<ds:KeyInfo>${data}</ds:KeyInfo>` }, attacker);
    },
  },
  'the key of an attacker in KeyValue': {
    signs: 'assertion',
    reason: 'signature_invalid',
    forge: ({ signed, attacker }) => {
      const { n = '', e = '' } = attacker.certificate.publicKey.export({ format: 'jwk' });
      const [modulus, exponent] = [n, e].map((each) => Buffer.from(each, 'base64url').toString('base64'));
      const value = `<ds:RSAKeyValue><ds:Modulus>${modulus}</ds:Modulus><ds:Exponent>${exponent}</ds:Exponent></ds:RSAKeyValue>`;
      return signed(
        mallory,
        { keyInfo: `<ds:KeyInfo><ds:KeyValue>${value}</ds:KeyValue></ds:KeyInfo>` },
        attacker,
      );
    },
  },
  'an HMAC whose secret is the public key (GHSA-c27r-x354-4m68)': {
    signs: 'assertion',
    reason: 'algorithm_refused',
    detail: /hmac-sha256/,
    forge: ({ signed, party }) => {
      const secret = party.certificate.publicKey.export({ type: 'spki', format: 'pem' });
      const signer = (text: string) => createHmac('sha256', secret).update(text).digest('base64');
      return signed(mallory, { method: `${MORE}hmac-sha256`, signer });
    },
  },
  'an HMAC that calls itself RSA': {
    signs: 'assertion',
    reason: 'signature_invalid',
    forge: ({ signed, party }) => {
      const signer = (text: string) =>
        createHmac('sha256', party.certificatePem).update(text).digest('base64');
      return signed(mallory, { signer });
    },
  },
  'an RSA signature that calls itself ECDSA': {
    signs: 'assertion',
    reason: 'signature_invalid',
    forge: ({ xml }) => swap(xml, `${MORE}rsa-sha256`, `${MORE}ecdsa-sha256`),
  },
  'an RSA signature that calls itself another hash': {
    signs: 'assertion',
    reason: 'signature_invalid',
    forge: ({ xml }) => swap(xml, `${MORE}rsa-sha256`, `${MORE}rsa-sha512`),
  },
  'the certificate of another connection': {
    signs: 'both',
    reason: 'signature_invalid',
    forge: ({ xml }) => xml,
    elsewhere: ({ attacker }) => ({ idp: { certificates: [attacker] } }),
  },
  'a connection without a certificate (CVE-2026-28323)': {
    signs: 'both',
    reason: 'certificate_missing',
    forge: ({ xml }) => xml,
    elsewhere: () => ({ idp: { certificates: [] } }),
  },
};

/** What was never a good algorithm, or is no longer. */
export const ALGORITHMS: Readonly<Record<string, Forgery>> = {
  'RSA-SHA1': algorithm(/rsa-sha1/, { method: `${DS}rsa-sha1` }),
  'a SHA-1 digest': algorithm(/DigestMethod .*sha1/, { digestMethod: `${DS}sha1` }),
  'RSA-MD5': algorithm(/rsa-md5/, { method: `${MORE}rsa-md5` }),
  'an MD5 digest': algorithm(/DigestMethod .*md5/, { digestMethod: `${MORE}md5` }),
  'no signature algorithm': algorithm(/^SignatureMethod $/, { method: '' }),
  'a signature algorithm called none': algorithm(/none/, { method: 'none' }),
  'a signature algorithm called __proto__': algorithm(/__proto__/, { method: '__proto__' }),
  'a digest algorithm called constructor': algorithm(/constructor/, { digestMethod: 'constructor' }),
  'inclusive canonicalization': algorithm(/REC-xml-c14n/, {
    canonicalization: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  }),
  'canonicalization with comments': algorithm(/WithComments/, {
    canonicalization: `${EXC_C14N}WithComments`,
  }),
  'an unknown canonicalization': algorithm(/urn:x/, { canonicalization: 'urn:x' }),
  'no canonicalization': algorithm(/^CanonicalizationMethod $/, { canonicalization: '' }),
  'inclusive canonicalization of what is signed': algorithm(/^Transform .*REC-xml-c14n/, {
    transforms: `${TRANSFORM}<ds:Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>`,
  }),
  XSLT: algorithm(/^Transform .*xslt/, {
    transforms: `${TRANSFORM}<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>`,
  }),
  XPath: algorithm(/^Transform .*xpath/, {
    transforms: `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/>${CANONICAL}`,
  }),
  'base64 as a transform': algorithm(/^Transform .*base64/, {
    transforms: `${TRANSFORM}<ds:Transform Algorithm="${DS}base64"/>`,
  }),
  'the transforms the other way round': algorithm(/^Transform /, { transforms: CANONICAL + TRANSFORM }),
};

/** Signatures that are built so that two readers read two. */
export const SHAPES: Readonly<Record<string, Forgery>> = {
  'a transform after canonicalization': shape(/^Transforms/, (xml) =>
    swap(xml, '</ds:Transforms>', `${TRANSFORM}</ds:Transforms>`),
  ),
  'a thousand transforms (CVE-2021-39171)': shape(/^Transforms/, (xml) =>
    swap(xml, '</ds:Transforms>', `${TRANSFORM.repeat(1_000)}</ds:Transforms>`),
  ),
  'no transforms': shape(/^Reference/, (xml) => swap(xml, cut(xml, 'ds:Transforms'), '')),
  'canonicalization alone': shape(/^Transforms/, (xml) =>
    swap(xml, /<ds:Transform Algorithm="[^"]*enveloped[^"]*"\/>/, ''),
  ),
  'two SignedInfo (CVE-2025-29774)': shape(/^Signature/, (xml) =>
    swap(xml, '<ds:SignedInfo>', `${cut(xml, 'ds:SignedInfo')}<ds:SignedInfo>`),
  ),
  'a second SignedInfo at the end': shape(/^Signature/, (xml) =>
    swap(xml, '</ds:SignatureValue>', `</ds:SignatureValue>${cut(xml, 'ds:SignedInfo')}`),
  ),
  'a SignedInfo in KeyInfo': shape(/^Signature|^KeyInfo/, (xml) =>
    swap(xml, '</ds:KeyInfo>', `</ds:KeyInfo><ds:KeyInfo>${cut(xml, 'ds:SignedInfo')}</ds:KeyInfo>`),
  ),
  'two SignatureValue': shape(/^Signature/, (xml) =>
    swap(xml, '<ds:SignatureValue>', '<ds:SignatureValue>MTIz</ds:SignatureValue><ds:SignatureValue>'),
  ),
  'a CanonicalizationMethod before SignedInfo': shape(/^Signature/, (xml) =>
    swap(xml, '<ds:SignedInfo>', `<ds:CanonicalizationMethod Algorithm="${EXC_C14N}"/><ds:SignedInfo>`),
  ),
  'two references': shape(/^SignedInfo/, (xml) =>
    swap(xml, '</ds:Reference>', `</ds:Reference>${swap(cut(xml, 'ds:Reference'), /URI="[^"]*"/, 'URI=""')}`),
  ),
  'no reference': shape(/^SignedInfo/, (xml) => swap(xml, cut(xml, 'ds:Reference'), '')),
  'a reference to the whole document': shape(/^Reference/, (xml) => swap(xml, /URI="[^"]*"/, 'URI=""')),
  'a reference without URI': shape(/^Reference/, (xml) => swap(xml, / URI="[^"]*"/, '')),
  'a reference to the response': shape(/^Reference/, (xml) => swap(xml, /URI="[^"]*"/, 'URI="#_r0e3a0a1c"')),
  'a reference by XPointer': shape(/^Reference/, (xml) =>
    swap(xml, /URI="#([^"]*)"/, `URI="#xpointer(id('_a7f1c2d3e'))"`),
  ),
  'a reference with a quote': shape(/^Reference/, (xml) =>
    swap(xml, /URI="#([^"]*)"/, `URI="#_a7f1c2d3e' or '1'='1"`),
  ),
  'a reference to a file': shape(/^Reference/, (xml) =>
    swap(xml, /URI="#([^"]*)"/, 'URI="file:///etc/passwd"'),
  ),
  'two DigestValue': shape(/^Reference/, (xml) =>
    swap(xml, '<ds:DigestValue>', '<ds:DigestValue>MTIz</ds:DigestValue><ds:DigestValue>'),
  ),
  'an element in DigestValue': shape(/^DigestValue/, (xml) =>
    swap(xml, '</ds:DigestValue>', '<ds:X/></ds:DigestValue>'),
  ),
  'text in SignedInfo': shape(/^SignedInfo/, (xml) => swap(xml, '<ds:SignedInfo>', '<ds:SignedInfo>x')),
  'a digest that is no base64': shape(/^DigestValue/, (xml) =>
    swap(xml, '<ds:DigestValue>', '<ds:DigestValue>*'),
  ),
  'an InclusiveNamespaces twice': shape(/^Transform/, (xml) => {
    const list = `<InclusiveNamespaces xmlns="${EXC_C14N}" PrefixList="xs"/>`;
    return swap(
      xml,
      /<ds:Transform Algorithm="[^"]*exc-c14n#">/,
      `<ds:Transform Algorithm="${EXC_C14N}">${list.repeat(2)}`,
    );
  }),
  'SignedInfo in a foreign namespace': shape(/^Signature/, (xml) =>
    xml.replaceAll('ds:SignedInfo', 'saml:SignedInfo'),
  ),
  'a DigestValue with other bits at its end': {
    signs: 'assertion',
    reason: 'signature_invalid',
    forge: ({ xml }) => swap(xml, /<ds:DigestValue>.{4}/, '<ds:DigestValue>AAAA'),
  },
  'the SignedInfo of another response of the provider': {
    signs: 'assertion',
    reason: 'digest_mismatch',
    forge: ({ xml, signed }) => {
      const other = signed((each) => swap(each, 'Support Team', 'Everything'));
      return swap(xml, cut(xml, 'ds:Signature'), cut(other, 'ds:Signature'));
    },
  },
  'the assertion of an attacker under the signature of another': {
    signs: 'assertion',
    reason: 'digest_mismatch',
    forge: ({ xml }) => {
      const original = cut(xml, 'saml:Assertion');
      const forged = swap(evil(original), 'ID="_evil"', 'ID="_a7f1c2d3e"');
      return swap(xml, original, swap(forged, '</saml:Issuer>', `</saml:Issuer>${cut(xml, 'ds:Signature')}`));
    },
  },
};
