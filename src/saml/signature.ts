/**
 * Step 6 of src/saml: whether a configured certificate signed this element, and what exactly it signed.
 * Decides through xml-crypto, which gets only texts that the strict parser has accepted, and which knows our algorithms
 * alone. The result is read again from the signed octets: whatever is outside of them does not exist for later steps.
 */

import type { KeyObject } from 'node:crypto';
import {
  ExclusiveCanonicalization,
  type HashAlgorithm,
  type SignatureAlgorithm,
  SignedXml,
} from 'xml-crypto';
import { SsoError } from '../sso/sso-error.ts';
import { type IdpCertificate, usableCertificates } from './certificates.ts';
import {
  DIGEST_ALGORITHMS,
  digest,
  isSignedBy,
  readSignature,
  readSignedInfo,
  SIGNATURE_ALGORITHMS,
} from './signature-shape.ts';
import { checkIds, isId, type Scope, scopeOf, standalone } from './structure.ts';
import { attribute, DS, EXC_C14N, MESSAGE_LIMITS, parseXml, type XmlElement, type XmlLimits } from './xml.ts';

/** What a signature covers: nothing outside of it may be read. */
export interface Verified {
  /** Read from `text`; its enveloped signature is not in it. */
  readonly element: XmlElement;
  /** The octets that were signed. */
  readonly text: string;
  readonly certificate: IdpCertificate;
}

/**
 * Verifies the enveloped signature of an element: a message of any kind as the root, or the assertion of a response.
 * The key is one of the configured certificates and never that of KeyInfo; what was signed is parsed again, and is
 * this element (docs/sso-design.md §1). xml-crypto reads with a lenient parser, so it gets only elements that were read
 * strictly, cut out as they were written.
 *
 * xml-crypto asks for the digest first, which takes the longer the larger the message is. Whether a certificate made
 * the signature is therefore found out before, from SignedInfo alone.
 *
 * @param xml the text that `element` was parsed from
 * @throws SsoError certificate_missing, ids_not_unique, unsigned, signature_shape, algorithm_refused,
 *   signature_invalid, digest_mismatch
 */
export function verifyEnveloped(
  xml: string,
  element: XmlElement,
  certificates: readonly IdpCertificate[],
  limits: XmlLimits = MESSAGE_LIMITS,
): Verified {
  const usable = usableCertificates(certificates);
  checkIds(element);
  const id = attribute(element, 'ID');
  if (!isId(id)) throw new SsoError('signature_shape', 'ID');
  const signature = readSignature(element);
  const signatureText = standalone(xml, signature.element);
  // Where comments are allowed, none may be here: one ends a DigestValue for some readers (CVE-2025-29775).
  if (signatureText.includes('<!')) throw new SsoError('signature_shape', 'a comment');
  const loaded = translateConstraints('signature_invalid', () =>
    loadSignature(signatureText, scopeOf(signature.element)),
  );
  const certificate = usable.find(({ certificate: { publicKey } }) =>
    isSignedBy(publicKey, signature.algorithm, loaded.signedInfo, signature.value),
  );
  if (certificate === undefined) throw new SsoError('signature_invalid');

  const document = standalone(xml, element);
  const { hash, digest: expected } = readSignedInfo(parseXml(loaded.signedInfo), id);
  const key = certificate.certificate.publicKey;
  const text = translateConstraints('digest_mismatch', () => loaded.check(document, key));
  if (text === undefined || !digest(hash, text).equals(expected)) throw new SsoError('digest_mismatch');
  const signed = parseXml(text, canonicalLimits(limits));
  if (signed.local !== element.local || signed.uri !== element.uri || attribute(signed, 'ID') !== id) {
    throw new SsoError('signature_shape', 'another element is signed');
  }
  return { element: signed, text, certificate };
}

/** A canonical form is longer than what was sent: it repeats namespaces, and closes every element. */
function canonicalLimits(limits: XmlLimits): XmlLimits {
  return { ...limits, characters: 4 * limits.characters, attributesInAll: 4 * limits.attributesInAll };
}

function translateConstraints<T>(reason: 'signature_invalid' | 'digest_mismatch', work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new SsoError(reason, undefined, { cause });
  }
}

/** A signature that xml-crypto has loaded, to be checked once. */
interface LoadedSignature {
  /** The canonical SignedInfo: the octets that the signature value is made of. */
  readonly signedInfo: string;
  /**
   * @param document the element that must be signed, as a document of its own
   * @returns the octets that the signature covers; undefined if it does not verify, or covers more than one element
   * @throws Error as xml-crypto does
   */
  check(document: string, key: KeyObject): string | undefined;
}

type Class<T> = new () => T;

const ENVELOPED = `${DS}enveloped-signature`;

/** xml-crypto's own tables are not used, and these have no prototype: algorithms outside these maps are not supported. */
const HASHES = only([...DIGEST_ALGORITHMS].map(([uri, hash]) => [uri, hashClass(uri, hash)]));
const SIGNATURES = only([...SIGNATURE_ALGORITHMS.keys()].map((uri) => [uri, signatureClass(uri)]));

/**
 * Loads a signature into an xml-crypto that knows our algorithms only: no symmetric ones, no SHA-1, exclusive
 * canonicalization, and no key from KeyInfo.
 * @param signature a document of its own, which `parseXml` has accepted
 * @param scope the namespaces that are declared at its position
 */
function loadSignature(signature: string, scope: Scope): LoadedSignature {
  const signed = new SignedXml({ getCertFromKeyInfo: () => null });
  const enveloped = signed.CanonicalizationAlgorithms[ENVELOPED];
  if (enveloped === undefined) throw new Error(`xml-crypto has no ${ENVELOPED}`);
  const ancestorNamespaces = [...scope].map(([prefix, namespaceURI]) => ({ prefix, namespaceURI }));
  let signedInfo: string | undefined;

  /** Keeps SignedInfo, which comes first; as it is loaded apart from its document, its ancestors are brought along. */
  class Exclusive extends ExclusiveCanonicalization {
    override process(...[node, options]: Parameters<ExclusiveCanonicalization['process']>): string {
      if (signedInfo !== undefined) return super.process(node, options);
      signedInfo = super.process(node, { ...options, ancestorNamespaces });
      return signedInfo;
    }
  }

  signed.idAttributes = ['ID'];
  signed.HashAlgorithms = HASHES;
  signed.SignatureAlgorithms = SIGNATURES;
  signed.CanonicalizationAlgorithms = only([
    [ENVELOPED, enveloped],
    [EXC_C14N, Exclusive],
  ]);
  signed.loadSignature(withLineEndsKept(signature));
  return {
    signedInfo: signedInfo ?? '',
    check: (document, key) => check(signed, withLineEndsKept(document), key),
  };
}

/**
 * Its parser reads U+0085 and U+2028 as line ends, as XML 1.1 does; in XML 1.0 they are characters like others (§2.11).
 * As references they stay what they are, and the canonical form has the characters again.
 */
const withLineEndsKept = (text: string): string =>
  text.replaceAll('\u0085', '&#x85;').replaceAll('\u2028', '&#x2028;');

function check(signed: SignedXml, document: string, key: KeyObject): string | undefined {
  signed.publicCert = key;
  if (signed.checkSignature(document) !== true) return undefined;
  const [octets, ...others] = signed.getSignedReferences();
  return others.length === 0 ? octets : undefined;
}

function hashClass(uri: string, hash: string): Class<HashAlgorithm> {
  return class {
    getAlgorithmName = () => uri;
    getHash = (text: string) => digest(hash, text).toString('base64');
  };
}

function signatureClass(uri: string): Class<SignatureAlgorithm> {
  return class {
    getAlgorithmName = () => uri;
    getSignature = (): string => {
      throw new Error('A verifier signs nothing.');
    };
    verifySignature = (text: string, key: unknown, value: string) =>
      isSignedBy(key as KeyObject, uri, text, Buffer.from(value, 'base64'));
  };
}

function only<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}
