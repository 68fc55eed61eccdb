import { inflateRawSync } from 'node:zlib';
import { truncate } from '../platform/truncate.ts';
import { SsoError } from '../sso/sso-error.ts';
import { decodeBase64 } from './base64.ts';
import type { MessageParameter } from './bindings.ts';
import { type IdpCertificate, usableCertificates } from './idp-certificate.ts';
import { decodeUtf8 } from './message.ts';
import { isSignedBy, SIGNATURE_ALGORITHMS } from './signature-algorithms.ts';

/** A message that came in a URL, signed by a certificate of the connection. */
export interface RedirectMessage {
  readonly xml: string;
  /** Signed with it, and still only a text of the provider. */
  readonly relayState: string | undefined;
  readonly certificate: IdpCertificate;
}

const MAX_QUERY = 64 * 1_024;
/** Bytes of a message once it is inflated: many times what any provider sends this way. */
const MAX_MESSAGE = 64 * 1_024;

const NAMES: ReadonlySet<string> = new Set([
  'SAMLRequest',
  'SAMLResponse',
  'RelayState',
  'SigAlg',
  'Signature',
  'SAMLEncoding',
]);
const DEFLATE = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE';

/**
 * Reads a message of the HTTP-Redirect binding (Bindings §3.4.4). The signature covers the octets as they are in the
 * URL, in the binding's order whatever the URL's; nothing is inflated before it is verified.
 * @param query of the URL, raw as received
 * @throws SsoError message_missing, message_too_large, message_malformed, unsigned, signature_shape,
 *   algorithm_refused, certificate_missing, signature_invalid
 */
export function readRedirect(
  query: string,
  parameter: MessageParameter,
  certificates: readonly IdpCertificate[],
): RedirectMessage {
  const raw = readQuery(query);
  const other = parameter === 'SAMLRequest' ? 'SAMLResponse' : 'SAMLRequest';
  const message = raw.get(parameter);
  if (message === undefined || raw.has(other)) throw new SsoError('message_missing');
  if (decode(raw.get('SAMLEncoding') ?? DEFLATE) !== DEFLATE) {
    throw new SsoError('message_malformed', 'another encoding than DEFLATE');
  }
  const certificate = verify(raw, parameter, certificates);
  const deflated = decodeBase64(decode(message));
  if (deflated === undefined) throw new SsoError('message_malformed', 'not base64');
  const relayState = raw.get('RelayState');
  return {
    xml: decodeUtf8(inflate(deflated)),
    relayState: relayState === undefined ? undefined : decode(relayState),
    certificate,
  };
}

/** The values of the binding's parameters, still encoded. Others mean nothing. */
function readQuery(query: string): ReadonlyMap<string, string> {
  if (query.length > MAX_QUERY) throw new SsoError('message_too_large');
  if (!/^[\x21-\x7e]*$/.test(query)) throw new SsoError('message_malformed', 'not a query');
  const values = new Map<string, string>();
  for (const part of query.split('&')) {
    const [name = '', ...value] = part.split('=');
    const decodedName = decode(name);
    if (!NAMES.has(decodedName)) continue;
    if (name !== decodedName || value.length !== 1)
      throw new SsoError('message_malformed', 'a disguised parameter');
    if (values.has(name)) throw new SsoError('message_missing', `${name} twice`);
    values.set(name, value[0] ?? '');
  }
  return values;
}

function verify(
  raw: ReadonlyMap<string, string>,
  parameter: MessageParameter,
  certificates: readonly IdpCertificate[],
): IdpCertificate {
  const usable = usableCertificates(certificates);
  const [algorithm, signature] = [raw.get('SigAlg'), raw.get('Signature')];
  if (algorithm === undefined || signature === undefined) throw new SsoError('unsigned');
  const uri = decode(algorithm);
  // The encoding of an ECDSA signature is not specified for this binding, and providers differ.
  if (SIGNATURE_ALGORITHMS.get(uri)?.keyType !== 'rsa')
    throw new SsoError('algorithm_refused', truncate(uri, 200));
  const value = decodeBase64(decode(signature));
  if (value === undefined) throw new SsoError('signature_shape', 'not base64');
  const signed = [parameter, 'RelayState', 'SigAlg']
    .flatMap((name) => (raw.has(name) ? `${name}=${raw.get(name)}` : []))
    .join('&');
  const certificate = usable.find((each) => isSignedBy(each.certificate.publicKey, uri, signed, value));
  if (certificate === undefined) throw new SsoError('signature_invalid');
  return certificate;
}

/** Decodes a name or value of a query (URL Standard, application/x-www-form-urlencoded). */
function decode(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch (error) {
    throw new SsoError('message_malformed', 'not a query', { cause: error });
  }
}

function inflate(bytes: Buffer): Buffer {
  try {
    // With `info` comes how much was read: behind the message there is nothing.
    const { buffer, engine } = inflateRawSync(bytes, {
      maxOutputLength: MAX_MESSAGE,
      info: true,
    }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
    if (engine.bytesWritten === bytes.length) return buffer;
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new SsoError(tooLarge ? 'message_too_large' : 'message_malformed', 'DEFLATE', { cause: error });
  }
  throw new SsoError('message_malformed', 'more than a message');
}
