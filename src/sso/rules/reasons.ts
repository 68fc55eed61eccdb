/** How far a single sign-on came before it was rejected. */
export type SsoStage =
  | 'message'
  | 'decryption'
  | 'signature'
  | 'conditions'
  | 'request'
  | 'attributes'
  | 'account';

/** A reason for rejecting a single sign-on: at which stage, what happened, and what an administrator does about it. */
export interface SsoReasonMeaning {
  readonly stage: SsoStage;
  /** For administrators alone, in the trace. */
  readonly happened: string;
  readonly remedy: string;
}

const FORGED =
  'If your provider really sent this, report the product to us. Otherwise the message was forged.';

/**
 * Every reason for which a single sign-on is rejected (docs/sso-design.md §1, §4 and §5). The user sees a few sentences
 * instead.
 */
export const SSO_REASONS = {
  message_missing: {
    stage: 'message',
    happened: 'The request held no response, or more than one.',
    remedy: 'Check that the provider posts SAMLResponse to the ACS URL.',
  },
  message_too_large: {
    stage: 'message',
    happened: 'The response is larger than 256 KiB.',
    remedy:
      'Send fewer attributes: configure the provider to send only groups that are assigned to the application.',
  },
  message_malformed: {
    stage: 'message',
    happened: 'The response is not base64 of well-formed XML in UTF-8.',
    remedy: FORGED,
  },
  xml_forbidden: {
    stage: 'message',
    happened:
      'The response contains XML that no provider needs: a DOCTYPE, a comment, CDATA or a processing instruction, or too many elements.',
    remedy: FORGED,
  },
  structure_unexpected: {
    stage: 'message',
    happened: 'The elements of the response are not where the profile puts them.',
    remedy: FORGED,
  },
  ids_not_unique: {
    stage: 'message',
    happened: 'Two elements of the response have the same ID.',
    remedy: FORGED,
  },
  version_unsupported: {
    stage: 'message',
    happened: 'The response is not SAML 2.0.',
    remedy: 'Choose SAML 2.0 at the provider.',
  },
  status_not_success: {
    stage: 'message',
    happened: 'The provider answered that the sign-in failed.',
    remedy: 'Check the provider’s own log. Often the user is not assigned to the application.',
  },
  decryption_failed: {
    stage: 'decryption',
    happened: 'The assertion could not be decrypted.',
    remedy: 'Upload the encryption certificate from this connection’s metadata to the provider.',
  },
  encryption_refused: {
    stage: 'decryption',
    happened: 'The assertion is encrypted with an algorithm that is not supported.',
    remedy: 'Choose AES-256-GCM or AES-256-CBC with RSA-OAEP at the provider.',
  },
  encryption_required: {
    stage: 'decryption',
    happened: 'The assertion is not encrypted, and this connection requires it.',
    remedy: 'Turn encryption on at the provider, or make it optional here.',
  },
  encryption_off: {
    stage: 'decryption',
    happened: 'The assertion is encrypted, and encryption is turned off for this connection.',
    remedy: 'Turn encryption on here, or off at the provider.',
  },
  unsigned: {
    stage: 'signature',
    happened: 'Neither the response nor the assertion is signed.',
    remedy: 'Configure the provider to sign the assertion.',
  },
  signature_shape: {
    stage: 'signature',
    happened: 'A signature does not have the structure that SAML requires.',
    remedy: FORGED,
  },
  algorithm_refused: {
    stage: 'signature',
    happened: 'A signature uses an algorithm that is not supported, such as SHA-1.',
    remedy: 'Choose RSA-SHA256 with SHA-256 digests at the provider.',
  },
  certificate_missing: {
    stage: 'signature',
    happened: 'The connection has no valid signing certificate.',
    remedy: 'Add the provider’s signing certificate.',
  },
  signature_invalid: {
    stage: 'signature',
    happened: 'The signature does not match any certificate of the connection.',
    remedy: 'Compare the certificates. The provider may have a new one.',
  },
  digest_mismatch: {
    stage: 'signature',
    happened: 'The signed content was changed after it was signed.',
    remedy:
      'If a proxy between the provider and this server rewrites the request, configure it not to. Otherwise the message was forged.',
  },
  issuer_mismatch: {
    stage: 'conditions',
    happened: 'The issuer is not the provider of this connection.',
    remedy: 'Compare the issuer (entity ID) with the provider’s.',
  },
  destination_mismatch: {
    stage: 'conditions',
    happened: 'The response was sent to a different address than it names.',
    remedy: 'Set the ACS URL (Single sign-on URL, Reply URL) at the provider to the one of this connection.',
  },
  recipient_mismatch: {
    stage: 'conditions',
    happened: 'The assertion names a different recipient.',
    remedy: 'Set the Recipient at the provider to the ACS URL of this connection.',
  },
  audience_mismatch: {
    stage: 'conditions',
    happened: 'The assertion is for another application.',
    remedy:
      'Set the audience (SP Entity ID, Identifier) at the provider to the entity ID of this connection.',
  },
  confirmation_missing: {
    stage: 'conditions',
    happened: 'The assertion has no valid bearer confirmation.',
    remedy: FORGED,
  },
  condition_unknown: {
    stage: 'conditions',
    happened: 'The assertion has a condition that is not supported.',
    remedy: 'Remove the condition at the provider.',
  },
  not_yet_valid: {
    stage: 'conditions',
    happened: 'The assertion is not valid yet.',
    remedy: 'Compare the clocks of the provider and of this server.',
  },
  too_late: {
    stage: 'conditions',
    happened: 'The assertion has expired.',
    remedy: 'Compare the clocks, or sign in again without waiting.',
  },
  authentication_missing: {
    stage: 'conditions',
    happened: 'The assertion does not say when and how the user signed in.',
    remedy: 'Configure the provider to send an AuthnStatement.',
  },
  hosted_domain_missing: {
    stage: 'attributes',
    happened: 'The account is a personal Google account: its token has no "hd" claim.',
    remedy: 'Ask the user to sign in with their Google Workspace account.',
  },
  claim_missing: {
    stage: 'attributes',
    happened: 'A claim that the connection requires is missing or has another value.',
    remedy: 'Configure the provider to send it, or change requiredClaims in the settings of the connection.',
  },
  authentication_stale: {
    stage: 'conditions',
    happened: 'The provider did not ask the user to sign in again.',
    remedy:
      'Configure the provider to honour ForceAuthn, or prompt=login and max_age. In Entra ID, add the optional claim auth_time.',
  },
  request_mismatch: {
    stage: 'conditions',
    happened: 'The response and its assertion answer different sign-ins.',
    remedy: FORGED,
  },
  request_unknown: {
    stage: 'request',
    happened: 'The response does not belong to a sign-in that started here in the last ten minutes.',
    remedy: 'Start from the sign-in page.',
  },
  request_used: {
    stage: 'request',
    happened: 'The sign-in has already been completed.',
    remedy: 'Start again. The browser’s Back button sends an old response.',
  },
  browser_mismatch: {
    stage: 'request',
    happened: 'The sign-in started in another browser.',
    remedy: 'Start and finish the sign-in in one browser, with cookies turned on.',
  },
  replayed: {
    stage: 'request',
    happened: 'This assertion was used before.',
    remedy: 'Start again. If the page was not reloaded, the assertion may have been intercepted.',
  },
  idp_initiated_off: {
    stage: 'request',
    happened: 'The sign-in started at the provider, which this connection does not allow.',
    remedy: 'Start from the sign-in page, or allow sign-ins that start at the provider.',
  },
  provider_error: {
    stage: 'message',
    happened: 'The provider answered with an error instead of a code.',
    remedy: 'Check the provider’s own log. Often the user is not assigned to the application.',
  },
  provider_unreachable: {
    stage: 'message',
    happened: 'The provider could not be reached, or did not answer in time.',
    remedy: 'Try again. Check that the provider’s addresses are public and reachable.',
  },
  provider_misconfigured: {
    stage: 'message',
    happened: 'The provider’s discovery document is not valid.',
    remedy: 'Compare the issuer with the one in the provider’s discovery document.',
  },
  response_malformed: {
    stage: 'message',
    happened: 'The provider’s response has no code, a repeated parameter or an unexpected one.',
    remedy: FORGED,
  },
  response_issuer_mismatch: {
    stage: 'request',
    happened:
      'The response comes from a different provider than the one that the request was sent to (RFC 9207).',
    remedy: 'Start again. If it happens again, compare the issuer.',
  },
  client_incomplete: {
    stage: 'message',
    happened: 'The connection has no credentials for the provider.',
    remedy:
      'Enter the client secret from the provider, or choose private_key_jwt and give the provider the public keys of this connection.',
  },
  token_refused: {
    stage: 'message',
    happened: 'The provider did not exchange the code for tokens.',
    remedy:
      'Check the client ID, the client secret, how it is sent (clientAuth) and the redirect URI at the provider.',
  },
  token_invalid: {
    stage: 'signature',
    happened:
      'The ID token is not valid for this connection: its signature, algorithm, audience, times or nonce.',
    remedy: 'Check the signing algorithm and the client ID at the provider.',
  },
  logout_token_invalid: {
    stage: 'signature',
    happened: 'The logout token is not valid for this connection.',
    remedy: FORGED,
  },
  userinfo_mismatch: {
    stage: 'conditions',
    happened: 'The userinfo endpoint returned a different user than the ID token.',
    remedy: FORGED,
  },
  subject_missing: {
    stage: 'attributes',
    happened: 'The subject cannot be used: it is missing, repeated, too long, or changes with every sign-in.',
    remedy: 'Choose a persistent, unspecified or e-mail NameID at the provider.',
  },
  attributes_too_large: {
    stage: 'attributes',
    happened: 'The value of an attribute is longer than 8 KiB.',
    remedy: 'Remove the attribute at the provider. A photo, for example, is not needed to sign in.',
  },
  attribute_ambiguous: {
    stage: 'attributes',
    happened:
      'An attribute that identifies the user has several values, or a value that is not a valid name or address.',
    remedy: 'Configure the provider to send exactly one value for email and name.',
  },
  email_missing: {
    stage: 'attributes',
    happened: 'The provider did not send an email address.',
    remedy: 'Compare the email attribute of this connection with what the provider sends, as shown here.',
  },
  email_invalid: {
    stage: 'attributes',
    happened: 'The value that the provider sent is not a valid email address.',
    remedy: 'Compare the email attribute of this connection with what the provider sends, as shown here.',
  },
  email_unverified: {
    stage: 'attributes',
    happened: 'The provider says that the email address is not verified.',
    remedy: 'Ask the user to verify the address at the provider.',
  },
  connection_off: {
    stage: 'account',
    happened: 'The connection is not active.',
    remedy: 'Test the connection, then activate it.',
  },
  connection_changed: {
    stage: 'account',
    happened: 'The connection was changed while the user signed in.',
    remedy: 'Start again.',
  },
  account_not_found: {
    stage: 'account',
    happened: 'No user here has this identity, and users are not created at sign-in.',
    remedy: 'Invite the user, provision them by SCIM, or turn on JIT provisioning.',
  },
  account_inactive: {
    stage: 'account',
    happened: 'The user is inactive.',
    remedy:
      'Activate the user here, or in the directory that deactivated them. Signing in does not activate an account.',
  },
  account_locked: {
    stage: 'account',
    happened: 'The account is locked after failed sign-ins.',
    remedy: 'Unlock the account.',
  },
  account_deleted: {
    stage: 'account',
    happened: 'The account was deleted.',
    remedy: 'Restore or invite the user, or provision them by SCIM. Signing in does not restore an account.',
  },
  account_ambiguous: {
    stage: 'account',
    happened: 'The identity matches more than one user.',
    remedy: 'Link the identity to one of them manually.',
  },
  email_shared: {
    stage: 'account',
    happened: 'More than one user has this email address.',
    remedy:
      'Give each user an address of their own, send the externalId of SCIM in the external ID attribute, or link the identity manually.',
  },
  domain_not_allowed: {
    stage: 'account',
    happened: 'The domain of the email address is not on the connection’s list.',
    remedy: 'Add the domain to the connection if its users belong here.',
  },
  domain_unverified: {
    stage: 'account',
    happened: 'A user here has this email address, and the domain is not verified for the connection.',
    remedy: 'Verify the domain by DNS, or link the identity manually.',
  },
  domain_elsewhere: {
    stage: 'account',
    happened: 'The domain of the email address belongs to another connection.',
    remedy: 'Sign in through that connection, or move the domain to this one.',
  },
  subject_changed: {
    stage: 'account',
    happened: 'The user is linked to another subject of this provider.',
    remedy: 'If the provider re-created the account, remove the old link and add the new one.',
  },
  external_id_shared: {
    stage: 'account',
    happened: 'More than one user of this connection has this externalId in SCIM.',
    remedy: 'Give each user an externalId of their own in the directory, or link the identity manually.',
  },
  external_id_mismatch: {
    stage: 'account',
    happened: 'The user has this address, but SCIM knows them by another externalId.',
    remedy: 'Compare the external ID attribute of this connection with what SCIM sends as externalId.',
  },
  invitation_over: {
    stage: 'account',
    happened: 'The user’s invitation has expired or was revoked.',
    remedy: 'Resend the invitation.',
  },
  link_unconfirmed: {
    stage: 'account',
    happened:
      'An account with this address exists and is not linked yet. The user has to confirm by email that it is theirs.',
    remedy: 'Ask the user to open the link in the email, or link the identity manually.',
  },
  step_up_other_person: {
    stage: 'account',
    happened: 'A user other than the session’s signed in at the provider.',
    remedy: 'Sign in at the provider as the session’s user.',
  },
} as const satisfies Record<string, SsoReasonMeaning>;

export type SsoReason = keyof typeof SSO_REASONS;
