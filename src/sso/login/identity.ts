/** What an identity provider has proved about a user. Nothing in it is decided yet. */
export interface VerifiedIdentity {
  /** What the provider calls the user: the NameID or `sub`, in the form that is compared. */
  readonly subject: string;
  /** As the provider wrote it: who was linked by hand may be known by that. */
  readonly subjectAsSent: string;
  /** Whether it is an address by its format, so that case tells no one apart. */
  readonly subjectIsAddress: boolean;
  readonly email: string | undefined;
  /** False if the provider marks it as not verified; undefined if it does not say. */
  readonly emailVerified: boolean | undefined;
  readonly name: string | undefined;
  /** The immutable claim that a SCIM connection would send as externalId. */
  readonly externalId: string;
  /** Undefined if the provider sent no groups: then memberships stay as they are. */
  readonly groups: readonly string[] | undefined;
  /** There were too many groups to send (docs/sso-design.md §2.2). */
  readonly groupsOverage: boolean;
  /** When the provider last asked the user to sign in, ISO 8601. */
  readonly authenticatedAt: string | undefined;
  /** The provider's own session: SAML's SessionIndex, OpenID Connect's `sid`. */
  readonly sessionIndex: string | undefined;
  /** The provider's end of the session, ISO 8601: ours ends no later. */
  readonly expiresAt: string | undefined;
  /** What a logout sends back: the NameID with its qualifiers, or the ID token. */
  readonly logoutHint: string;
}
