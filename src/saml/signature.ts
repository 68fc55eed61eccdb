import { SsoError } from '../sso/sso-error.ts';
import { type IdpCertificate, usableCertificates } from './idp-certificate.ts';
import { checkIds, isId } from './ids.ts';
import { digest, isSignedBy } from './signature-algorithms.ts';
import { readSignature, readSignedInfo } from './signature-shape.ts';
import { loadSignature } from './signed-xml.ts';
import { scopeOf, standalone } from './standalone.ts';
import { MESSAGE_LIMITS, parseXml, type XmlElement, type XmlLimits } from './xml.ts';
import { attribute } from './xml-readers.ts';

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
 * this element (docs/sso-design.md §1).
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
  // xml-crypto reads with a lenient parser: never anything that was not read strictly before.
  parseXml(signatureText, canonicalLimits(limits));
  const loaded = translateConstraints('signature_invalid', () =>
    loadSignature(signatureText, scopeOf(signature.element)),
  );
  const certificate = usable.find(({ certificate: { publicKey } }) =>
    isSignedBy(publicKey, signature.algorithm, loaded.signedInfo, signature.value),
  );
  if (certificate === undefined) throw new SsoError('signature_invalid');

  const document = standalone(xml, element);
  if (element.parent !== undefined) parseXml(document, canonicalLimits(limits));
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
