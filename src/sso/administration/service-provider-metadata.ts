import { presentMetadata } from '../../saml/service-provider.ts';
import { addressesOf } from '../addresses.ts';
import type { SamlConnection } from '../login/protocol.ts';

const FORMATS = [
  'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
];

/** What we tell the provider of a connection about ourselves (Metadata §2.4.4). */
export function presentServiceProvider({ id, keys, settings }: SamlConnection, publicUrl: string): string {
  const { samlEntityId, samlAcs, samlSlo } = addressesOf(publicUrl, id);
  const certificates = (wanted: 'signing' | 'encryption') =>
    keys.filter(({ use }) => use === wanted).map(({ certificatePem }) => certificatePem);
  return presentMetadata({
    entityId: samlEntityId,
    acsUrl: samlAcs,
    sloUrl: samlSlo,
    authnRequestsSigned: settings.signRequests,
    signingCertificates: certificates('signing'),
    encryptionCertificate: settings.encryption === 'off' ? undefined : certificates('encryption')[0],
    nameIdFormats: FORMATS,
  });
}
