/**
 * Where to begin in src/saml: the recipe by which a response is verified. The files in their order:
 * 1 xml, 2 bindings, 3 structure, 4 certificates, 5 signature-shape, 6 signature, 7 decryption, 8 envelope, 9 assertion,
 * 10 this recipe, 11 logout (the same steps for single logout), 12 describe (what a trace shows of a message).
 * What we send: xml-writer, requests, service-provider (our metadata and keys). provider-metadata reads a provider's.
 * What providers do differently is in docs/sso-design.md §2: no file here knows a provider by name.
 */
import { SsoError } from '../sso/sso-error.ts';
import { readAssertion, type SamlAssertion } from './assertion.ts';
import type { ReceivedMessage } from './bindings.ts';
import { type Decrypted, decryptAssertion } from './decryption.ts';
import {
  checkEnvelope,
  checkResponse,
  type SamlIdentityProvider,
  type SamlServiceProvider,
} from './envelope.ts';
import { verifyEnveloped } from './signature.ts';
import { checkIds, checkPlaces } from './structure.ts';
import { child, DS, SAML, type XmlElement } from './xml.ts';

/** An assertion that is what its provider signed, and meant for us, now. */
export interface VerifiedAssertion extends SamlAssertion {
  /** The request that it answers; undefined if the sign-in began at the provider. */
  readonly inResponseTo: string | undefined;
  /** Fingerprint of the certificate that verified the assertion, or the response around it. */
  readonly usedCertificate: string;
  /** Whether that certificate has ended: accepted, as the key is what is trusted, and worth a warning. */
  readonly certificateExpired: boolean;
}

/**
 * Verifies a response of the Web Browser SSO profile (Profiles §4.1.4.3, docs/sso-design.md §1): what is read is what was signed.
 * Whether the request is known, the browser the same and the assertion new is for the caller to check.
 * @param message what `readMessage` made of the form field SAMLResponse
 * @throws SsoError of the stages message, decryption, signature, conditions and attributes
 */
export function verifyResponse(
  { xml, root }: ReceivedMessage,
  sp: SamlServiceProvider,
  idp: SamlIdentityProvider,
  now: Date,
): VerifiedAssertion {
  checkResponse(root);
  const outer = isSigned(root) ? verifyEnveloped(xml, root, idp.certificates) : undefined;
  const response = outer?.element ?? root;
  if (outer !== undefined) checkResponse(response);

  const { text, element } = openAssertion(outer?.text ?? xml, response, sp, idp);
  const inner = isSigned(element) ? verifyEnveloped(text, element, idp.certificates) : undefined;
  const certificate = (inner ?? outer)?.certificate;
  if (certificate === undefined) throw new SsoError('unsigned');

  const inResponseTo = checkEnvelope(response, outer !== undefined, sp, idp, now);
  return {
    ...readAssertion(inner?.element ?? element, inResponseTo, sp, idp, now),
    inResponseTo,
    usedCertificate: certificate.fingerprint,
    certificateExpired: new Date(certificate.certificate.validTo) < now,
  };
}

/** The assertion of a response, decrypted if it must be, and the text that it was parsed from. */
function openAssertion(
  text: string,
  response: XmlElement,
  sp: SamlServiceProvider,
  { encryption }: SamlIdentityProvider,
): Decrypted {
  const encrypted = child(response, SAML, 'EncryptedAssertion');
  if (encrypted !== undefined) {
    if (encryption === 'off') throw new SsoError('encryption_off');
    const decrypted = decryptAssertion(encrypted, sp.decryptionKeys);
    checkIds(decrypted.element);
    checkPlaces(decrypted.element);
    return decrypted;
  }
  if (encryption === 'required') throw new SsoError('encryption_required');
  const element = child(response, SAML, 'Assertion');
  if (element === undefined) throw new SsoError('structure_unexpected', 'no assertion');
  return { text, element };
}

function isSigned(element: XmlElement): boolean {
  return child(element, DS, 'Signature') !== undefined;
}
