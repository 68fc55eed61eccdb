/**
 * Step 2 of src/saml: from a posted form field to the text of a message (SAML Bindings §3.5).
 * Decides which base64 and UTF-8 are accepted, and how large a message may be. Nothing is verified yet. Messages in a URL
 * are read in logout.ts, the only step that takes them: their signature is over the query.
 */
import { SsoError } from '../sso/sso-error.ts';
import { decodeBase64, parseXml, type XmlElement } from './xml.ts';

/** How a message travels: in a URL, or in a form that the browser posts (Bindings §3.4, §3.5). */
export type Binding = 'redirect' | 'post';

/** What carries the message; a request and an answer never go by the same name. */
export type MessageParameter = 'SAMLRequest' | 'SAMLResponse';

export const BINDING_URIS: Readonly<Record<Binding, string>> = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
};

/** Of signatures of ours (RFC 9231 §2.3.2). */
export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

/** Bytes of a message once it is decoded. */
const MAX_BYTES = 256 * 1024;

/** Characters of its base64, with a line break after every 64th. */
const MAX_CHARACTERS = Math.ceil((MAX_BYTES * 4) / 3 / 64) * 66;

/** A message that the strict parser has read, and nothing has verified. */
export interface ReceivedMessage {
  readonly xml: string;
  /** Parsed from `xml`. */
  readonly root: XmlElement;
}

/**
 * Reads a posted message, once for all that look at it.
 * @param value the form field
 * @throws SsoError message_missing, message_too_large, message_malformed, xml_forbidden
 */
export function readMessage(value: string): ReceivedMessage {
  const xml = decodeMessage(value);
  return { xml, root: parseXml(xml) };
}

/**
 * The XML of a message of the HTTP-POST binding (Bindings §3.5.4): strict base64 of UTF-8.
 * @param value the form field
 * @throws SsoError message_missing, message_too_large, message_malformed
 */
function decodeMessage(value: string): string {
  if (value.length > MAX_CHARACTERS) throw new SsoError('message_too_large');
  if (value.trim() === '') throw new SsoError('message_missing');
  const bytes = decodeBase64(value);
  if (bytes === undefined) throw new SsoError('message_malformed', 'not base64');
  if (bytes.length > MAX_BYTES) throw new SsoError('message_too_large');
  return decodeUtf8(bytes);
}

/**
 * @returns the text with its byte order mark, if there is one
 * @throws SsoError message_malformed if the bytes are not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new SsoError('message_malformed', 'not UTF-8', { cause: error });
  }
}
