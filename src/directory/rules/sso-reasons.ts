/** How far a single sign-on came before it was refused. */
export type SsoStage =
  | 'message'
  | 'decryption'
  | 'signature'
  | 'conditions'
  | 'request'
  | 'attributes'
  | 'account';

/** A way in which a single sign-on is refused: where, what happened, and what an administrator does about it. */
export interface SsoReasonMeaning {
  readonly stage: SsoStage;
  /** For administrators, in the trace; nobody else reads it. */
  readonly happened: string;
  readonly remedy: string;
}

const FORGED =
  'If your provider sent this, tell us which product it is; otherwise somebody tried to forge it.';

/** Every reason for which a single sign-on is refused (SSO.md §1.4, §3.5, §4.1). The person sees none of them but a few sentences. */
export const SSO_REASONS = {
  message_missing: {
    stage: 'message',
    happened: 'The request held no response, or more than one.',
    remedy: 'Check that the provider posts SAMLResponse to the ACS address.',
  },
  message_too_large: {
    stage: 'message',
    happened: 'The response is larger than 256 KiB.',
    remedy: 'Send fewer attributes: let the provider filter the groups to those assigned to the application.',
  },
  message_malformed: {
    stage: 'message',
    happened: 'The response is not base64 of well-formed XML in UTF-8.',
    remedy: FORGED,
  },
  xml_forbidden: {
    stage: 'message',
    happened:
      'The response holds XML that no provider needs: a DOCTYPE, a comment, CDATA, a processing instruction, or far too much of it.',
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
    remedy: 'Look into the provider’s own log; often the person is not assigned to the application.',
  },
  decryption_failed: {
    stage: 'decryption',
    happened: 'The assertion could not be decrypted.',
    remedy: 'Give the provider the encryption certificate of this connection’s metadata.',
  },
  encryption_refused: {
    stage: 'decryption',
    happened: 'The assertion is encrypted in a way that is not taken.',
    remedy: 'Choose AES-256-GCM or AES-256-CBC with RSA-OAEP at the provider.',
  },
  encryption_required: {
    stage: 'decryption',
    happened: 'The assertion is not encrypted, and this connection requires it.',
    remedy: 'Switch encryption on at the provider, or off here.',
  },
  encryption_off: {
    stage: 'decryption',
    happened: 'The assertion is encrypted, and this connection does not take encrypted ones.',
    remedy: 'Switch encryption on here, or off at the provider.',
  },
  unsigned: {
    stage: 'signature',
    happened: 'Neither the response nor the assertion is signed.',
    remedy: 'Let the provider sign the assertion.',
  },
  signature_shape: {
    stage: 'signature',
    happened: 'A signature is not built as SAML has it.',
    remedy: FORGED,
  },
  algorithm_refused: {
    stage: 'signature',
    happened: 'A signature uses an algorithm that is not taken, such as SHA-1.',
    remedy: 'Choose RSA-SHA256 with SHA-256 digests at the provider.',
  },
  certificate_missing: {
    stage: 'signature',
    happened: 'The connection has no certificate that counts.',
    remedy: 'Add the provider’s signing certificate.',
  },
  signature_invalid: {
    stage: 'signature',
    happened: 'No certificate of the connection made this signature.',
    remedy: 'Compare the certificates: the provider may have a new one.',
  },
  digest_mismatch: {
    stage: 'signature',
    happened: 'What a certificate of the connection signed was changed afterwards.',
    remedy:
      'If a proxy between the provider and this server rewrites what is posted, let it pass unchanged; otherwise somebody tried to forge it.',
  },
  issuer_mismatch: {
    stage: 'conditions',
    happened: 'Another provider issued this than the one of the connection.',
    remedy: 'Compare the issuer (entity ID) with the provider’s.',
  },
  destination_mismatch: {
    stage: 'conditions',
    happened: 'The response was meant for another address.',
    remedy: 'Set the ACS address (Single sign on URL, Reply URL) to the one of this connection.',
  },
  recipient_mismatch: {
    stage: 'conditions',
    happened: 'The assertion was meant for another address.',
    remedy: 'Set the Recipient to the ACS address of this connection.',
  },
  audience_mismatch: {
    stage: 'conditions',
    happened: 'The assertion was meant for another application.',
    remedy: 'Set the audience (SP Entity ID, Identifier) to the entity ID of this connection.',
  },
  confirmation_missing: {
    stage: 'conditions',
    happened: 'No bearer confirmation of the assertion holds.',
    remedy: FORGED,
  },
  condition_unknown: {
    stage: 'conditions',
    happened: 'The assertion has a condition that is not understood.',
    remedy: 'Take the condition away at the provider.',
  },
  not_yet_valid: {
    stage: 'conditions',
    happened: 'The assertion is not valid yet.',
    remedy: 'Compare the clocks of the provider and of this server.',
  },
  too_late: {
    stage: 'conditions',
    happened: 'The assertion is no longer valid.',
    remedy: 'Compare the clocks, or sign in again without waiting.',
  },
  authentication_missing: {
    stage: 'conditions',
    happened: 'The assertion does not say when and how the person signed in.',
    remedy: 'Let the provider send an AuthnStatement.',
  },
  hosted_domain_missing: {
    stage: 'attributes',
    happened: 'The account is a consumer account of Google: its token has no "hd".',
    remedy: 'Let the person sign in with the account that your organization manages at Google Workspace.',
  },
  claim_missing: {
    stage: 'attributes',
    happened: 'A claim that the connection requires is missing or has another value.',
    remedy: 'Let the provider send it, or change requiredClaims in the settings of the connection.',
  },
  authentication_stale: {
    stage: 'conditions',
    happened: 'The provider did not ask the person to sign in again.',
    remedy:
      'Let the provider honour ForceAuthn, or prompt=login and max_age. In Entra, add the optional claim auth_time.',
  },
  request_mismatch: {
    stage: 'conditions',
    happened: 'The response and its assertion answer different sign-ins.',
    remedy: FORGED,
  },
  request_unknown: {
    stage: 'request',
    happened: 'It answers no sign-in that began here, or one that is too old.',
    remedy: 'Begin at the sign-in page; it waits ten minutes.',
  },
  request_used: {
    stage: 'request',
    happened: 'The sign-in that it answers has been answered already.',
    remedy: 'Begin again; the Back button of the browser sends an old answer.',
  },
  browser_mismatch: {
    stage: 'request',
    happened: 'The sign-in began in another browser.',
    remedy: 'Begin and end in one browser, with cookies allowed.',
  },
  replayed: {
    stage: 'request',
    happened: 'This assertion was used before.',
    remedy: 'Begin again. If nobody reloaded a page, somebody has captured the assertion.',
  },
  idp_initiated_off: {
    stage: 'request',
    happened: 'The sign-in began at the provider, and this connection does not allow that.',
    remedy: 'Begin at the sign-in page, or allow sign-ins that begin at the provider.',
  },
  provider_error: {
    stage: 'message',
    happened: 'The provider answered with an error instead of a code.',
    remedy: 'Look into the provider’s own log; often the person is not assigned to the application.',
  },
  provider_unreachable: {
    stage: 'message',
    happened: 'The provider could not be reached, or did not answer in time.',
    remedy: 'Try again; check that the provider’s addresses are public and answer.',
  },
  provider_misconfigured: {
    stage: 'message',
    happened: 'The provider’s own description is not as it must be.',
    remedy: 'Compare the issuer with what the provider’s discovery document says.',
  },
  response_malformed: {
    stage: 'message',
    happened: 'The provider’s answer holds no code, something twice, or something that nobody asked for.',
    remedy: FORGED,
  },
  response_issuer_mismatch: {
    stage: 'request',
    happened: 'The answer names another provider than the one that was asked (RFC 9207).',
    remedy: 'Begin again. If it stays so, compare the issuer.',
  },
  client_incomplete: {
    stage: 'message',
    happened: 'The connection has nothing with which to prove itself to the provider.',
    remedy:
      'Enter the client secret that the provider shows, or choose private_key_jwt and give the provider our public keys.',
  },
  token_refused: {
    stage: 'message',
    happened: 'The provider did not exchange the code for tokens.',
    remedy:
      'Check the client ID, the client secret, how it is sent (clientAuth) and the redirect address at the provider.',
  },
  token_invalid: {
    stage: 'signature',
    happened:
      'The ID token is not one that this connection takes: its signature, algorithm, audience, times or nonce.',
    remedy: 'Check the signing algorithm and the client ID at the provider.',
  },
  logout_token_invalid: {
    stage: 'signature',
    happened: 'A logout token came that this connection does not take.',
    remedy: FORGED,
  },
  userinfo_mismatch: {
    stage: 'conditions',
    happened: 'The userinfo endpoint answered about another person than the ID token.',
    remedy: FORGED,
  },
  subject_missing: {
    stage: 'attributes',
    happened: 'There is no usable subject: none, several, too long, or one that changes with every sign-in.',
    remedy: 'Choose a persistent, unspecified or e-mail NameID at the provider.',
  },
  attributes_too_large: {
    stage: 'attributes',
    happened: 'The value of an attribute is longer than 8 KiB.',
    remedy: 'Take the attribute away at the provider; a photograph, say, is not needed to sign in.',
  },
  attribute_ambiguous: {
    stage: 'attributes',
    happened:
      'An attribute that identifies the person has several values, or one that no name or address can be.',
    remedy: 'Let the provider send exactly one value for e-mail and name.',
  },
  email_missing: {
    stage: 'attributes',
    happened: 'The provider sent no e-mail address.',
    remedy: 'Compare the email attribute of this connection with what the provider sends, as shown here.',
  },
  email_invalid: {
    stage: 'attributes',
    happened: 'What the provider sent is no e-mail address.',
    remedy: 'Compare the email attribute of this connection with what the provider sends, as shown here.',
  },
  email_unverified: {
    stage: 'attributes',
    happened: 'The provider says that the e-mail address is not verified.',
    remedy: 'Let the person verify the address at the provider.',
  },
  connection_off: {
    stage: 'account',
    happened: 'The connection is not switched on.',
    remedy: 'Test the connection, then activate it.',
  },
  connection_changed: {
    stage: 'account',
    happened:
      'The connection was changed after the sign-in had begun: what was proved, was proved to it as it was.',
    remedy: 'Begin again.',
  },
  account_not_found: {
    stage: 'account',
    happened: 'Nobody here has this identity, and new people are not created at sign-in.',
    remedy: 'Invite the person, let SCIM provision them, or enable JIT.',
  },
  account_inactive: {
    stage: 'account',
    happened: 'The person is inactive.',
    remedy: 'Activate the person here, or in the directory that deactivated them. No sign-in does it.',
  },
  account_locked: {
    stage: 'account',
    happened: 'The account is locked after failed sign-ins.',
    remedy: 'Unlock the account.',
  },
  account_deleted: {
    stage: 'account',
    happened: 'The person was deleted; a sign-in brings nobody back.',
    remedy: 'Restore or invite the person, or let SCIM create them.',
  },
  account_ambiguous: {
    stage: 'account',
    happened: 'The identity matches more than one person.',
    remedy: 'Link the identity to one of them by hand.',
  },
  domain_not_allowed: {
    stage: 'account',
    happened: 'The domain of the e-mail address is not in the connection’s list.',
    remedy: 'Add the domain to the connection, if its people belong here.',
  },
  domain_unverified: {
    stage: 'account',
    happened:
      'Somebody here has this e-mail address, and the connection has not proved that the domain is its own.',
    remedy: 'Verify the domain by DNS, or link the identity by hand.',
  },
  domain_elsewhere: {
    stage: 'account',
    happened: 'The domain of the e-mail address belongs to another connection.',
    remedy: 'Sign in through that connection, or move the domain to this one.',
  },
  subject_changed: {
    stage: 'account',
    happened: 'The person is linked to another subject of this provider.',
    remedy: 'If the provider re-created the account, remove the old link and add the new one.',
  },
  external_id_mismatch: {
    stage: 'account',
    happened: 'The person has this address, but SCIM knows them by another externalId.',
    remedy: 'Compare the external ID attribute of this connection with what SCIM sends as externalId.',
  },
  invitation_over: {
    stage: 'account',
    happened: 'The person was invited, and the invitation has expired or was taken back.',
    remedy: 'Resend the invitation.',
  },
  link_unconfirmed: {
    stage: 'account',
    happened: 'An account with this address exists and is not linked yet; its owner has to confirm by mail.',
    remedy: 'The person follows the link in the mail, or you link the identity by hand.',
  },
  step_up_other_person: {
    stage: 'account',
    happened: 'Somebody else than the person of the session signed in at the provider.',
    remedy: 'Sign in as the person whose session it is.',
  },
} as const satisfies Record<string, SsoReasonMeaning>;

export type SsoReason = keyof typeof SSO_REASONS;
