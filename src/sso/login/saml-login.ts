import { createPrivateKey, randomBytes } from 'node:crypto';
import { caseKey } from '../../directory/rules/comparison-keys.ts';
import { parseEmailAddress } from '../../directory/users/rules/email-address.ts';
import type { SamlNameId } from '../../saml/assertion.ts';
import type { ReceivedMessage } from '../../saml/bindings.ts';
import { certificateOf } from '../../saml/certificates.ts';
import type { SamlIdentityProvider, SamlServiceProvider } from '../../saml/envelope.ts';
import { buildAuthnRequest, type SentMessage } from '../../saml/requests.ts';
import { type VerifiedAssertion, verifyResponse } from '../../saml/response.ts';
import { presentMetadata } from '../../saml/service-provider.ts';
import { addressesOf } from '../addresses.ts';
import { type IdpAttribute, mapAttributes, maskAttributes, maskValue } from './attributes.ts';
import type { LoginPurpose, SsoLogin } from './sso-logins.ts';
import {
  type BegunLogin,
  requiresFreshLogin,
  type SamlConnection,
  signingKeyOf,
  type VerifiedLogin,
} from './types.ts';

/** Entra’s word for more groups than it sends: the address behind it is never fetched (docs/sso-design.md §2.2). */
const OVERAGE = 'http://schemas.microsoft.com/claims/groups.link';
const EMAIL_FORMAT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

/** We, as the provider of a connection knows us. */
export function serviceProviderOf({ id, keys }: SamlConnection, publicUrl: string): SamlServiceProvider {
  const { samlEntityId, samlAcs } = addressesOf(publicUrl, id);
  return {
    entityId: samlEntityId,
    acsUrl: samlAcs,
    // A key takes a while to read, and few assertions are encrypted.
    get decryptionKeys() {
      const ours = keys.filter(({ use }) => use === 'encryption');
      return ours.map(({ privateKeyPem }) => createPrivateKey(privateKeyPem));
    },
  };
}

/** The provider of a connection, as it was configured. */
export function identityProviderOf({ settings, certificates }: SamlConnection): SamlIdentityProvider {
  return {
    entityId: settings.entityId,
    encryption: settings.encryption,
    certificates: certificates.map(({ fingerprint, pem }) => ({
      fingerprint,
      certificate: certificateOf(pem),
    })),
  };
}

/** How the browser takes a message along. */
export function destinationOf(sent: SentMessage): BegunLogin['to'] {
  if ('url' in sent) return { url: sent.url };
  const { action, ...fields } = sent.form;
  return { action, fields: new Map(Object.entries(fields)) };
}

/** Begins a sign-in at a SAML provider. */
export function beginSaml(
  connection: SamlConnection,
  purpose: LoginPurpose,
  publicUrl: string,
  now: Date,
): BegunLogin {
  const { settings } = connection;
  const sp = serviceProviderOf(connection, publicUrl);
  const sent = buildAuthnRequest({
    sp,
    idp: { url: settings.ssoUrl, binding: settings.ssoBinding },
    forceAuthn: requiresFreshLogin(purpose) || settings.forceAuthn,
    nameIdFormat: settings.nameIdFormat ?? undefined,
    // Nothing hangs on it: where a sign-in leads is kept here. Some providers want one all the same.
    relayState: randomBytes(16).toString('base64url'),
    signWith: settings.signRequests ? signingKeyOf(connection) : undefined,
    now,
  });
  return { key: sent.id, payload: {}, to: destinationOf(sent) };
}

/**
 * Reads what a SAML provider has proved.
 * @param message what `readMessage` made of the form field SAMLResponse
 * @throws SsoError
 */
export function verifySamlLogin(
  connection: SamlConnection,
  message: ReceivedMessage,
  publicUrl: string,
  now: Date,
): VerifiedLogin & Pick<SsoLogin, 'answers'> {
  const sp = serviceProviderOf(connection, publicUrl);
  const assertion = verifyResponse(message, sp, identityProviderOf(connection), now);
  return {
    identity: identityOf(assertion, connection),
    answers: assertion.inResponseTo === undefined ? undefined : { key: assertion.inResponseTo },
    replay: { id: assertion.assertionId, until: assertion.validUntil },
    certificate: assertion.usedCertificate,
    seen: seenOf(assertion, connection),
  };
}

function identityOf(
  assertion: VerifiedAssertion,
  { provisioning }: SamlConnection,
): VerifiedLogin['identity'] {
  const { nameId, attributes, authnInstant, sessionIndex, sessionNotOnOrAfter } = assertion;
  const present = attributes.map(toIdpAttribute);
  const mapped = mapAttributes(present, provisioning);
  const overage = attributes.some(({ name }) => name === OVERAGE);
  return {
    subject: subjectOf(nameId),
    subjectAsSent: nameId.value,
    subjectIsAddress: nameId.format === EMAIL_FORMAT,
    email: mapped.email ?? parseEmailAddress(nameId.value),
    emailVerified: undefined,
    name: mapped.name,
    externalId: mapped.externalId ?? nameId.value,
    groups: overage ? undefined : mapped.groups,
    groupsOverage: overage,
    authenticatedAt: authnInstant,
    sessionIndex,
    expiresAt: sessionNotOnOrAfter,
    logoutHint: JSON.stringify(nameId),
  };
}

/** Addresses differ in case without meaning another user; every other NameID is compared as it is. */
export function subjectOf({ format, value }: SamlNameId): string {
  return format === EMAIL_FORMAT ? caseKey(value) : value;
}

const toIdpAttribute = ({
  name,
  friendlyName,
  values,
}: VerifiedAssertion['attributes'][number]): IdpAttribute => ({
  name,
  friendlyName,
  values,
});

function seenOf(
  { issuer, nameId, attributes, usedCertificate, certificateExpired }: VerifiedAssertion,
  { provisioning }: SamlConnection,
): SsoLogin['seen'] {
  return {
    issuer,
    subject: maskValue(nameId.value),
    nameIdFormat: nameId.format,
    attributes: maskAttributes(attributes.map(toIdpAttribute), provisioning),
    certificate: usedCertificate,
    ...(certificateExpired ? { certificateExpired } : {}),
  };
}

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
