import { base64Of, MetadataError } from '../../../src/saml/certificates.ts';
import { type MetadataOptions, readMetadata } from '../../../src/saml/provider-metadata.ts';

const MD = 'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"';
export const SAML2 = 'urn:oasis:names:tc:SAML:2.0:protocol';
export const BINDINGS = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-';

/** The content of a provider's metadata; omitted parts are valid defaults. */
export interface Parts {
  readonly entityId?: string;
  readonly attributes?: string;
  readonly protocols?: string;
  readonly roleAttributes?: string;
  readonly keys?: string;
  readonly services?: string;
  /** Behind the role. */
  readonly after?: string;
}

/** The certificates of one X509Data, in base64. */
export const data = (...certificates: string[]): string =>
  `<ds:X509Data>${certificates.map((each) => `<ds:X509Certificate>${each}</ds:X509Certificate>`).join('')}</ds:X509Data>`;

export const key = (content: string, use = ' use="signing"'): string =>
  `<md:KeyDescriptor${use}><ds:KeyInfo>${content}</ds:KeyInfo></md:KeyDescriptor>`;

export const service = (
  location: string,
  name = 'SingleSignOnService',
  binding = 'Redirect',
  more = '',
): string => `<md:${name} Binding="${BINDINGS}${binding}" Location="${location}"${more}/>`;

export const role = (
  pem: string,
  { protocols = SAML2, roleAttributes = '', keys, services }: Parts,
): string =>
  `<md:IDPSSODescriptor protocolSupportEnumeration="${protocols}" ${roleAttributes}>${keys ?? key(data(base64Of(pem)))}${services ?? service('https://idp.example/sso')}</md:IDPSSODescriptor>`;

/** @param pem the provider's signing certificate, unless the parts have others */
export const entity = (pem: string, parts: Parts = {}): string =>
  `<md:EntityDescriptor ${MD} entityID="${parts.entityId ?? 'urn:idp'}" ${parts.attributes ?? ''}>${role(pem, parts)}${parts.after ?? ''}</md:EntityDescriptor>`;

export const group = (content: string, attributes = ''): string =>
  `<md:EntitiesDescriptor ${MD} ${attributes}>${content}</md:EntitiesDescriptor>`;

/** The metadata of an application. */
export const application = (content = ''): string =>
  `<md:EntityDescriptor ${MD} entityID="urn:sp"><md:SPSSODescriptor protocolSupportEnumeration="${SAML2}">${content}</md:SPSSODescriptor></md:EntityDescriptor>`;

export const read = (xml: string, options: Partial<MetadataOptions> = {}) =>
  readMetadata(xml, { entityId: undefined, now: new Date('2026-11-27T12:00:00Z'), ...options });

/** What an administrator is notified, or `accepted`. */
export function sentence(xml: string, options: Partial<MetadataOptions> = {}): string {
  try {
    read(xml, options);
  } catch (error) {
    if (error instanceof MetadataError) return error.message;
    throw error;
  }
  return 'accepted';
}
