import type { KeyObject } from 'node:crypto';
import {
  ExclusiveCanonicalization,
  type HashAlgorithm,
  type SignatureAlgorithm,
  SignedXml,
} from 'xml-crypto';
import { DS, EXC_C14N } from './namespaces.ts';
import { DIGEST_ALGORITHMS, digest, isSignedBy, SIGNATURE_ALGORITHMS } from './signature-algorithms.ts';
import type { Scope } from './standalone.ts';

/** A signature that xml-crypto has loaded, to be checked once. */
export interface LoadedSignature {
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
export function loadSignature(signature: string, scope: Scope): LoadedSignature {
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
