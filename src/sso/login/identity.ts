/** What an identity provider has proved about somebody. Nothing in it is decided yet. */
export interface VerifiedIdentity {
  /** What the provider calls the person: the NameID or `sub`, in the form that is compared. */
  readonly subject: string;
  /** As the provider wrote it: who was linked by hand may be known by that. */
  readonly subjectAsSent: string;
  /** Whether it is an address by its format, so that case tells nobody apart. */
  readonly subjectIsAddress: boolean;
  readonly email: string | undefined;
  /** False if the provider says that it is not verified; undefined if it says nothing. */
  readonly emailVerified: boolean | undefined;
  readonly name: string | undefined;
  /** The immutable claim that a SCIM connection would send as externalId. */
  readonly externalId: string;
  /** Undefined if the provider said nothing of groups: then memberships stay as they are. */
  readonly groups: readonly string[] | undefined;
  /** There were too many groups to send (docs/sso-design.md §2.2). */
  readonly groupsOverage: boolean;
  /** When the provider last asked the person to sign in, ISO 8601. */
  readonly authenticatedAt: string | undefined;
  /** The provider's own session: SAML's SessionIndex, OpenID Connect's `sid`. */
  readonly sessionIndex: string | undefined;
  /** The provider's end of the session, ISO 8601: ours ends no later. */
  readonly expiresAt: string | undefined;
  /** What a logout sends back: the NameID with its qualifiers, or the ID token. */
  readonly logoutHint: string;
}
