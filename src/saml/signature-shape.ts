/**
 * Step 5 of src/saml: what a signature must look like before it is checked.
 * Decides its position, its one Reference to the element around it, its transforms, and the allowed algorithms. All else
 * is rejected, so that the check of step 6 is left no choice that the sender could make.
 */

import { createHash, createVerify, type KeyObject } from 'node:crypto';
import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import { attribute, DS, decodeBase64, EXC_C14N, is, SAML, type XmlElement } from './xml.ts';

/** A SignedInfo's content, once it has the one shape that SAML allows. */
interface SignedInfo {
  /** URI of the signature algorithm. */
  readonly algorithm: string;
  /** The hash, as node:crypto names it. */
  readonly hash: string;
  readonly digest: Buffer;
}

/** A signature of the element that it is a child of. */
interface Signature extends SignedInfo {
  readonly element: XmlElement;
  readonly value: Buffer;
}

const LONGEST_LIST = 256;
const MOST_IN_KEY_INFO = 64;

const ENVELOPED = `${DS}enveloped-signature`;

/**
 * The enveloped signature of an element (Core §5.4): the child after the Issuer, or the first child if there is no
 * Issuer, with no content that a verifier could misread.
 * @throws SsoError unsigned, signature_shape, algorithm_refused
 */
export function readSignature(signed: XmlElement): Signature {
  const found = signed.children.filter((each) => is(each, DS, 'Signature'));
  const [first, second] = signed.children;
  const issued = first !== undefined && is(first, SAML, 'Issuer') && first.children.length === 0;
  const element = issued ? second : first;
  if (found.length === 0) throw new SsoError('unsigned');
  if (found.length > 1 || element !== found[0] || element === undefined) throw shape('where it is');
  const [signedInfo, value, keyInfo] = parts(element, ['SignedInfo', 'SignatureValue', 'KeyInfo'], 2);
  if (keyInfo !== undefined) checkKeyInfo(keyInfo);
  const info = readSignedInfo(signedInfo as XmlElement, attribute(signed, 'ID'));
  return { element, value: bytes(value as XmlElement), ...info };
}

/** @param id of the element that must be signed */
export function readSignedInfo(element: XmlElement, id: string | undefined): SignedInfo {
  if (!is(element, DS, 'SignedInfo')) throw shape(element.local);
  const [canonicalization, method, reference] = parts(element, [
    'CanonicalizationMethod',
    'SignatureMethod',
    'Reference',
  ]);
  if (uriOf(canonicalization) !== EXC_C14N) throw refused('CanonicalizationMethod', uriOf(canonicalization));
  checkPrefixList(canonicalization as XmlElement);
  const algorithm = uriOf(method);
  if (!SIGNATURE_ALGORITHMS.has(algorithm)) throw refused('SignatureMethod', algorithm);
  if (method?.children.length !== 0) throw shape('SignatureMethod');
  return { algorithm, ...readReference(reference as XmlElement, id) };
}

function readReference(reference: XmlElement, id: string | undefined): { hash: string; digest: Buffer } {
  if (id === undefined || attribute(reference, 'URI') !== `#${id}`) throw shape('Reference');
  const [transforms, method, value] = parts(reference, ['Transforms', 'DigestMethod', 'DigestValue']);
  const [enveloped, canonical] = parts(transforms as XmlElement, ['Transform', 'Transform']);
  if (uriOf(enveloped) !== ENVELOPED || enveloped?.children.length !== 0)
    throw refused('Transform', uriOf(enveloped));
  if (uriOf(canonical) !== EXC_C14N) throw refused('Transform', uriOf(canonical));
  checkPrefixList(canonical as XmlElement);
  const hash = DIGEST_ALGORITHMS.get(uriOf(method));
  if (hash === undefined) throw refused('DigestMethod', uriOf(method));
  if (method?.children.length !== 0) throw shape('DigestMethod');
  return { hash, digest: bytes(value as XmlElement) };
}

/** InclusiveNamespaces, and nothing else, may be in an exclusive canonicalization. */
function checkPrefixList(element: XmlElement): void {
  const [list, ...others] = element.children;
  if (list === undefined) return;
  const prefixes = is(list, EXC_C14N, 'InclusiveNamespaces') ? attribute(list, 'PrefixList') : undefined;
  const fits = prefixes !== undefined && prefixes.length <= LONGEST_LIST;
  if (!fits || others.length > 0 || list.children.length > 0) throw shape(element.local);
}

/**
 * Nothing here is used: the key is the configured one. So it may contain nothing that a reader could look for, and no
 * more than certificates need.
 */
function checkKeyInfo(element: XmlElement): void {
  const inside: XmlElement[] = [...element.children];
  for (const each of inside) {
    const strange = each.uri !== DS || each.local === 'Signature' || each.local === 'Object';
    if (strange || inside.length > MOST_IN_KEY_INFO) throw shape('KeyInfo');
    inside.push(...each.children);
  }
}

/** The children, which are these in this order, and no text between them. */
function parts(
  element: XmlElement,
  names: readonly string[],
  required = names.length,
): readonly XmlElement[] {
  const { children } = element;
  const fits = children.length >= required && children.length <= names.length;
  if (!fits || element.text.trim() !== '') throw shape(element.local);
  children.forEach((each, index) => {
    if (!is(each, DS, names[index] as string)) throw shape(element.local);
  });
  return children;
}

function uriOf(element: XmlElement | undefined): string {
  return (element && attribute(element, 'Algorithm')) ?? '';
}

function bytes(element: XmlElement): Buffer {
  const value = element.children.length === 0 ? decodeBase64(element.text) : undefined;
  if (value === undefined) throw shape(element.local);
  return value;
}

function shape(what: string): SsoError {
  return new SsoError('signature_shape', what);
}

function refused(what: string, uri: string): SsoError {
  return new SsoError('algorithm_refused', `${what} ${truncate(uri, 120)}`);
}

interface SignatureAlgorithm {
  readonly keyType: 'rsa' | 'ec';
  readonly hash: 'sha256' | 'sha384' | 'sha512';
}

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';

/** Signatures of public keys (RFC 9231 §2.3), by their URI: never a symmetric one, never SHA-1. */
export const SIGNATURE_ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  [`${MORE}rsa-sha256`, { keyType: 'rsa', hash: 'sha256' }],
  [`${MORE}rsa-sha384`, { keyType: 'rsa', hash: 'sha384' }],
  [`${MORE}rsa-sha512`, { keyType: 'rsa', hash: 'sha512' }],
  [`${MORE}ecdsa-sha256`, { keyType: 'ec', hash: 'sha256' }],
  [`${MORE}ecdsa-sha384`, { keyType: 'ec', hash: 'sha384' }],
  [`${MORE}ecdsa-sha512`, { keyType: 'ec', hash: 'sha512' }],
]);

/** Of the digest of what is signed, by its URI (RFC 9231 §2.1). */
export const DIGEST_ALGORITHMS: ReadonlyMap<string, 'sha256' | 'sha384' | 'sha512'> = new Map([
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  [`${MORE}sha384`, 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
]);

export function digest(hash: string, text: string): Buffer {
  return createHash(hash).update(text, 'utf8').digest();
}

/**
 * Whether the key made this signature; false as well for a key of another kind, and an algorithm that is not accepted.
 * @param uri of the algorithm
 */
export function isSignedBy(key: KeyObject, uri: string, text: string, value: Buffer): boolean {
  const algorithm = SIGNATURE_ALGORITHMS.get(uri);
  if (algorithm === undefined || key.asymmetricKeyType !== algorithm.keyType) return false;
  try {
    // XML signatures contain r and s side by side (XML Signature §6.4.3).
    const verifier = createVerify(algorithm.hash).update(text, 'utf8');
    return verifier.verify({ key, dsaEncoding: 'ieee-p1363' }, value);
  } catch {
    // OpenSSL throws where ECDSA's r and s are not of the length of the curve.
    return false;
  }
}
