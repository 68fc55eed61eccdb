import { BINDING_URIS } from './bindings.ts';
import { DS, MD, SAMLP, XENC, XENC11 } from './namespaces.ts';
import { base64Of } from './read-certificate.ts';
import { element, type WrittenXml } from './xml-writer.ts';

/** What a provider has to know of us. */
export interface SpMetadata {
  readonly entityId: string;
  readonly acsUrl: string;
  /** Undefined: we take no part in single logout. */
  readonly sloUrl: string | undefined;
  readonly authnRequestsSigned: boolean;
  /** PEM. Two while one takes the other's place: providers learn the new one before it signs. */
  readonly signingCertificates: readonly string[];
  /** PEM, with a key of its own. Undefined: assertions are not to be encrypted. */
  readonly encryptionCertificate: string | undefined;
  readonly nameIdFormats: readonly string[];
}

/** What we decrypt, the best first. */
const ENCRYPTION_METHODS = [`${XENC11}aes256-gcm`, `${XENC}aes256-cbc`, `${XENC}rsa-oaep-mgf1p`];

/**
 * Our metadata (SAML Metadata §2.4.4), always the same text for the same facts.
 * @throws RangeError if a value holds a character that XML cannot
 */
export function presentMetadata(sp: SpMetadata): string {
  const role = element(
    'md:SPSSODescriptor',
    {
      protocolSupportEnumeration: SAMLP,
      AuthnRequestsSigned: String(sp.authnRequestsSigned),
      WantAssertionsSigned: 'true',
    },
    [
      ...sp.signingCertificates.map((certificate) => keyDescriptor('signing', certificate)),
      ...(sp.encryptionCertificate === undefined
        ? []
        : [keyDescriptor('encryption', sp.encryptionCertificate, ENCRYPTION_METHODS)]),
      ...(sp.sloUrl === undefined ? [] : logoutServices(sp.sloUrl)),
      ...sp.nameIdFormats.map((format) => element('md:NameIDFormat', {}, format)),
      element('md:AssertionConsumerService', {
        Binding: BINDING_URIS.post,
        Location: sp.acsUrl,
        index: '0',
        isDefault: 'true',
      }),
    ],
  );
  const entity = element('md:EntityDescriptor', { 'xmlns:md': MD, 'xmlns:ds': DS, entityID: sp.entityId }, [
    role,
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${entity}\n`;
}

function logoutServices(url: string): readonly WrittenXml[] {
  return [BINDING_URIS.redirect, BINDING_URIS.post].map((binding) =>
    element('md:SingleLogoutService', { Binding: binding, Location: url }),
  );
}

function keyDescriptor(
  use: 'signing' | 'encryption',
  certificate: string,
  methods: readonly string[] = [],
): WrittenXml {
  return element('md:KeyDescriptor', { use }, [
    element('ds:KeyInfo', {}, [
      element('ds:X509Data', {}, [element('ds:X509Certificate', {}, base64Of(certificate))]),
    ]),
    ...methods.map((method) => element('md:EncryptionMethod', { Algorithm: method })),
  ]);
}
