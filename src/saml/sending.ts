import { randomBytes } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { type Binding, type MessageParameter, RSA_SHA256 } from './bindings.ts';
import { DS, EXC_C14N, SAML, SAMLP, XENC } from './namespaces.ts';
import { presentRedirect } from './outgoing-redirect.ts';
import type { ServiceProviderKey } from './service-provider-keys.ts';
import { element, type WrittenXml } from './xml-writer.ts';

/** A message as the browser takes it to the provider; an answer to it names `id`. */
export type SentMessage =
  | { readonly id: string; readonly url: string }
  | { readonly id: string; readonly form: MessageForm };

/** The form that the browser posts, with these fields. */
export interface MessageForm {
  readonly action: string;
  readonly SAMLRequest?: string;
  readonly SAMLResponse?: string;
  readonly RelayState?: string;
}

/** Where a provider takes a message. */
export interface Endpoint {
  readonly url: string;
  readonly binding: Binding;
}

/** What every message of ours has, beside its own content. */
export interface OutgoingMessage {
  readonly parameter: MessageParameter;
  /** `samlp:…` */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  /** What follows Issuer. */
  readonly content: readonly (WrittenXml | undefined)[];
  /** Our entity ID. */
  readonly issuer: string;
  readonly to: Endpoint;
  readonly relayState: string | undefined;
  /** Undefined: it goes unsigned. */
  readonly key: ServiceProviderKey | undefined;
  readonly now: Date;
}

/**
 * Writes a message (Core §3.2), signs it as its binding has it, and addresses it.
 * @throws RangeError if a value holds a character that XML cannot
 */
export function sendMessage(message: OutgoingMessage): SentMessage {
  const { parameter, to, relayState, key, now } = message;
  // 128 random bits (Core §1.3.4); what begins with a digit is no ID, and Entra rejects it.
  const id = `_${randomBytes(16).toString('hex')}`;
  const xml = element(
    message.name,
    {
      'xmlns:samlp': SAMLP,
      'xmlns:saml': SAML,
      ID: id,
      Version: '2.0',
      IssueInstant: now.toISOString(),
      Destination: to.url,
      ...message.attributes,
    },
    [element('saml:Issuer', {}, message.issuer), ...message.content],
  );
  if (to.binding === 'redirect') {
    return { id, url: presentRedirect(to.url, parameter, xml, relayState, key) };
  }
  const signed = key === undefined ? xml : signRoot(xml, key);
  const form = {
    action: to.url,
    [parameter]: Buffer.from(signed, 'utf8').toString('base64'),
    ...(relayState === undefined ? {} : { RelayState: relayState }),
  };
  return { id, form };
}

/** Signs a message of ours: enveloped, behind Issuer, where the schema has it (Core §5.4). */
function signRoot(xml: WrittenXml, { privateKeyPem, certificatePem }: ServiceProviderKey): string {
  const signature = new SignedXml({
    privateKey: privateKeyPem,
    publicCert: certificatePem,
    signatureAlgorithm: RSA_SHA256,
    canonicalizationAlgorithm: EXC_C14N,
  });
  signature.idAttributes = ['ID'];
  signature.addReference({
    xpath: '/*',
    transforms: [`${DS}enveloped-signature`, EXC_C14N],
    digestAlgorithm: `${XENC}sha256`,
  });
  signature.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: "/*/*[local-name(.)='Issuer']", action: 'after' },
  });
  return signature.getSignedXml();
}
