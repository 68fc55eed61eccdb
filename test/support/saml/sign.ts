import { createHash, createSign } from 'node:crypto';
import { canonicalize } from './canonical.ts';
import type { Party } from './party.ts';

/** How a provider signs, and how an attacker does. */
export interface SigningStyle {
  /** Prefix of the elements of the signature; empty for a default namespace. */
  readonly prefix: string;
  /** Of InclusiveNamespaces, beside the canonicalization of what is signed. */
  readonly prefixList?: readonly string[];
  /** The same, beside the canonicalization of SignedInfo. */
  readonly infoPrefixList?: readonly string[];
  /** Characters in a line of base64; one line if absent. */
  readonly wrap?: number;
  /** Between the elements of the signature. */
  readonly space?: string;
  readonly method?: string;
  readonly digestMethod?: string;
  readonly canonicalization?: string;
  /** Instead of the two elements Transform. */
  readonly transforms?: string;
  /** Instead of that of the element that is signed. */
  readonly uri?: string;
  /** Instead of X509Data. */
  readonly keyInfo?: string;
  /** The signature comes first, as in metadata, which has no Issuer. */
  readonly first?: boolean;
  /** Instead of the private key's. */
  readonly signer?: (signedInfo: string) => string;
}

export const DS = 'http://www.w3.org/2000/09/xmldsig#';
export const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const ENVELOPED = `${DS}enveloped-signature`;
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const XENC = 'http://www.w3.org/2001/04/xmlenc#';

const RSA_SHA256 = `${MORE}rsa-sha256`;

/** By URI, the hashes of what is accepted and of what must not be. */
const HASHES: ReadonlyMap<string, string> = new Map([
  [`${XENC}sha256`, 'sha256'],
  [`${MORE}sha384`, 'sha384'],
  [`${XENC}sha512`, 'sha512'],
  [`${DS}sha1`, 'sha1'],
  [`${MORE}md5`, 'md5'],
  [`${MORE}rsa-sha256`, 'sha256'],
  [`${MORE}rsa-sha384`, 'sha384'],
  [`${MORE}rsa-sha512`, 'sha512'],
  [`${DS}rsa-sha1`, 'sha1'],
  [`${MORE}rsa-md5`, 'md5'],
  [`${MORE}ecdsa-sha256`, 'sha256'],
  [`${MORE}ecdsa-sha384`, 'sha384'],
]);

const PLACE = '\u2603';

/**
 * Signs the first element of this local name, and places the signature behind its Issuer. No library takes part. What
 * is inside is signed first, so that the first SignedInfo is always the new one.
 */
export function sign(xml: string, local: string, party: Party, style: SigningStyle): string {
  const { prefixList = [], infoPrefixList = [], digestMethod = `${XENC}sha256` } = style;
  const canonical = canonicalize(xml, local, { prefixList, dropSignature: true });
  const digest = createHash(HASHES.get(digestMethod) ?? 'sha256')
    .update(canonical, 'utf8')
    .digest('base64');
  const id = new RegExp(`<(?:\\w+:)?${local}\\b[^>]* ID="([^"]*)"`).exec(xml)?.[1];
  const written = write({ ...style, digestMethod }, party, style.uri ?? `#${id}`, digest);
  const start = xml.search(new RegExp(`<(\\w+:)?${local}\\b`));
  const placed =
    xml.slice(0, start) +
    xml.slice(start).replace(style.first ? /^<[^>]*>/ : /<\/(\w+:)?Issuer>/, `$&${written}`);
  const signedInfo = canonicalize(placed, 'SignedInfo', { prefixList: infoPrefixList });
  return placed.replace(
    PLACE,
    wrapped(style.signer?.(signedInfo) ?? signText(signedInfo, style, party), style.wrap),
  );
}

function write(style: SigningStyle, party: Party, uri: string, digest: string): string {
  const {
    prefix,
    space = '',
    wrap,
    method = RSA_SHA256,
    digestMethod = '',
    canonicalization = EXC_C14N,
  } = style;
  const p = prefix === '' ? '' : `${prefix}:`;
  const inclusive = (list: readonly string[] | undefined) =>
    list === undefined
      ? ''
      : `<ec:InclusiveNamespaces xmlns:ec="${EXC_C14N}" PrefixList="${list.join(' ')}"></ec:InclusiveNamespaces>`;
  const transforms =
    style.transforms ??
    `<${p}Transform Algorithm="${ENVELOPED}"/>${space}<${p}Transform Algorithm="${EXC_C14N}">${inclusive(style.prefixList)}</${p}Transform>`;
  const certificate = party.certificatePem.replace(/-----[^-]+-----|\s/g, '');
  const keyInfo =
    style.keyInfo ??
    `<${p}KeyInfo><${p}X509Data><${p}X509Certificate>${wrapped(certificate, wrap)}</${p}X509Certificate></${p}X509Data></${p}KeyInfo>`;
  return [
    `<${p}Signature xmlns${prefix && `:${prefix}`}="${DS}">`,
    `<${p}SignedInfo>`,
    `<${p}CanonicalizationMethod Algorithm="${canonicalization}">${inclusive(style.infoPrefixList)}</${p}CanonicalizationMethod>`,
    `<${p}SignatureMethod Algorithm="${method}"/>`,
    `<${p}Reference URI="${uri}">`,
    `<${p}Transforms>`,
    transforms,
    `</${p}Transforms>`,
    `<${p}DigestMethod Algorithm="${digestMethod}"/>`,
    `<${p}DigestValue>${digest}</${p}DigestValue>`,
    `</${p}Reference>`,
    `</${p}SignedInfo>`,
    `<${p}SignatureValue>${PLACE}</${p}SignatureValue>`,
    keyInfo,
    `</${p}Signature>`,
  ].join(space);
}

function signText(
  signedInfo: string,
  { method = RSA_SHA256 }: SigningStyle,
  { privateKey: key }: Party,
): string {
  const signer = createSign(HASHES.get(method) ?? 'sha256').update(signedInfo, 'utf8');
  return signer.sign({ key, dsaEncoding: 'ieee-p1363' }, 'base64');
}

function wrapped(base64: string, width: number | undefined): string {
  return width === undefined ? base64 : `\n${base64.replace(new RegExp(`.{1,${width}}`, 'g'), '$&\n')}`;
}
