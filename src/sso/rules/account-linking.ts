import type { UserId } from '../../directory/ids.ts';
import type { UserStatus } from '../../directory/users/user.ts';
import type { SsoReason } from './reasons.ts';

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

/** A user of the organization whom an identity may belong to. */
export interface LinkCandidate {
  readonly id: UserId;
  readonly status: UserStatus;
  readonly deleted: boolean;
  readonly locked: boolean;
  /** Whether they are an owner: administrators of connections and SCIM must not become owners through them. */
  readonly owner: boolean;
  /** What this connection calls the user already, by an identity; null if they have none here. */
  readonly subjectHere: string | null;
  /** Whether SCIM provisions the user through this connection, and the externalId that it sent. */
  readonly provisionedHere: boolean;
  readonly externalIdHere: string | null;
  /** Whether another user signs in with the address of this one. */
  readonly sharesAddress: boolean;
  /** Whether an invitation waits that has not expired. */
  readonly invited: boolean;
}

/** What is known about a login. */
export interface LinkState {
  /** Who has this (connection, subject). */
  readonly linked: LinkCandidate | undefined;
  /** Users that SCIM provisions through this connection with the identity's externalId, which several may share. */
  readonly byExternalId: readonly LinkCandidate[];
  /** Who has the identity's address as userName or e-mail. */
  readonly byEmail: readonly LinkCandidate[];
  /** Whether a user of this address or externalId was deleted. */
  readonly erasedBefore: boolean;
  /** Whether an inactive user has the same address, but for the tag behind a plus sign. */
  readonly inactiveVariant: boolean;
  /** Whose session this browser has. */
  readonly present: UserId | undefined;
  /** Whether the domain of the address has been proved to be this connection's. */
  readonly domainVerified: boolean;
  /** Whether it has been proved to be another's. */
  readonly domainElsewhere: boolean;
  /** Whether the domain is one whose users are created at sign-in. */
  readonly domainAllowed: boolean;
  /** Whether users are created at sign-in at all, SCIM's use of the connection considered. */
  readonly creates: boolean;
  /** Whether the configured immutable claim, not the subject, is compared with externalIds. */
  readonly externalIdConfigured: boolean;
}

/** How an identity came to belong to a user. */
export type LinkedBy = 'jit' | 'external_id' | 'email' | 'confirmation' | 'admin';

export type LinkDecision =
  | {
      readonly kind: 'admit';
      readonly user: UserId;
      /** Undefined: they were linked before. */
      readonly link: LinkedBy | undefined;
      /** A pending user becomes active: the invitation is consumed (R53). */
      readonly activates: boolean;
    }
  | { readonly kind: 'create' }
  /** An account of this address is there: its owner has to confirm first. */
  | { readonly kind: 'confirm'; readonly user: UserId }
  | { readonly kind: 'refuse'; readonly reason: SsoReason };

const deny = (reason: SsoReason): LinkDecision => ({ kind: 'refuse', reason });

/**
 * Decides whose login it is, in the order of docs/sso-design.md §4: the link, then SCIM's externalId, then the address,
 * then a new user, else no one. An address alone opens no existing account, unless the connection has verified the domain;
 * and it never opens an owner's account without the owner's confirmation.
 */
export function decideLink(
  { email, emailVerified, subject, externalId }: VerifiedIdentity,
  state: LinkState,
): LinkDecision {
  if (state.linked !== undefined) return admitCandidate(state.linked, undefined);
  if (state.byExternalId.length > 1) return deny('external_id_shared');
  const [named] = state.byExternalId;
  if (named !== undefined) {
    return named.subjectHere === null ? recognise(named, 'external_id') : deny('subject_changed');
  }
  if (state.byEmail.length > 1) {
    const isShared = state.byEmail.some(({ sharesAddress }) => sharesAddress);
    return deny(isShared ? 'email_shared' : 'account_ambiguous');
  }
  const [same] = state.byEmail;
  if (same !== undefined) return meet(same);
  if (state.erasedBefore) return deny('account_deleted');
  if (state.inactiveVariant) return deny('account_inactive');
  if (!state.creates) return deny('account_not_found');
  if (email === undefined) return deny('email_missing');
  if (emailVerified === false) return deny('email_unverified');
  if (state.domainElsewhere) return deny('domain_elsewhere');
  if (!state.domainAllowed) return deny('domain_not_allowed');
  return { kind: 'create' };

  /** A user has the same address. */
  function meet(candidate: LinkCandidate): LinkDecision {
    const { subjectHere, provisionedHere, externalIdHere } = candidate;
    if (candidate.status === 'inactive') return deny('account_inactive');
    if (emailVerified === false) return deny('email_unverified');
    if (subjectHere !== null && subjectHere !== subject) return deny('subject_changed');
    if (!state.domainVerified) return deny('domain_unverified');
    if (state.externalIdConfigured && externalIdHere !== null && externalIdHere !== externalId) {
      return deny('external_id_mismatch');
    }
    if (provisionedHere || candidate.status === 'pending') return recognise(candidate, 'email');
    return ask(candidate);
  }

  /** A user known from SCIM or an invitation. */
  function recognise(candidate: LinkCandidate, link: LinkedBy): LinkDecision {
    return candidate.owner ? ask(candidate) : admitCandidate(candidate, link);
  }

  /**
   * Rule 5: a session of theirs proves that they are meant, or a mail that they answer. An owner answers the mail: a page
   * that leads their browser through a user's provider needs no click of theirs.
   */
  function ask(candidate: LinkCandidate): LinkDecision {
    const proved = admitCandidate(candidate, 'confirmation');
    const present = state.present === candidate.id && !candidate.owner;
    if (proved.kind === 'refuse' || present) return proved;
    return { kind: 'confirm', user: candidate.id };
  }
}

/** Deleted, inactive and locked users cannot sign in, whatever a provider says (rule 2, R56). */
export function denialReason({
  deleted,
  status,
  locked,
}: Pick<LinkCandidate, 'deleted' | 'status' | 'locked'>): SsoReason | undefined {
  if (deleted) return 'account_deleted';
  if (status === 'inactive') return 'account_inactive';
  return locked ? 'account_locked' : undefined;
}

function admitCandidate(candidate: LinkCandidate, link: LinkedBy | undefined): LinkDecision {
  const out = denialReason(candidate);
  if (out !== undefined) return deny(out);
  const activates = candidate.status === 'pending';
  if (activates && !candidate.invited && !candidate.provisionedHere) return deny('invitation_over');
  return { kind: 'admit', user: candidate.id, link, activates };
}
