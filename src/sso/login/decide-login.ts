import type { Client } from '../../directory/actor.ts';
import type { CommandContext } from '../../directory/command-runner.ts';
import { caseKey } from '../../directory/rules/comparison-keys.ts';
import { addressVariants } from '../../directory/users/rules/address-variants.ts';
import { parseEmailAddress } from '../../directory/users/rules/email-address.ts';
import { wasErased } from '../../lifecycle/store/tombstones.ts';
import { endSessions, recordStepUp } from '../../sign-in/store/sessions.ts';
import { decideLink, denialReason, type LinkDecision, type LinkState } from '../rules/account-linking.ts';
import { domainOf } from '../rules/domains.ts';
import {
  findLinkCandidates,
  findLoginFacts,
  hasInactiveVariant,
  type LoginCandidate,
  type LoginFacts,
} from '../store/logins.ts';
import type { LoginRequest } from '../store/requests.ts';
import { recordTested } from '../store/traces.ts';
import { askToConfirm } from './confirmations.ts';
import type { LoginConnection } from './connection.ts';
import { createOrLink } from './create-or-link.ts';
import { foreseeLogin } from './foresee.ts';
import { beginProviderSession } from './provider-session.ts';
import type { KnownUser } from './sync.ts';
import {
  type LoginContext,
  type LoginOutcome,
  LoginStopped,
  type SsoLogin,
  type SsoLoginDependencies,
} from './types.ts';

/** A login whose request and assertion were accepted. */
interface LoginAttempt {
  readonly context: CommandContext;
  readonly connection: LoginConnection;
  readonly login: SsoLogin;
  /** Undefined if it began at the provider. */
  readonly request: LoginRequest | undefined;
  readonly client: Client;
  readonly learned: LoginContext;
  readonly dependencies: SsoLoginDependencies;
}

/** How far a provider's clock may be behind. */
const SKEW_MS = 60_000;

/** Decides whose login it is and does what it was started for. @throws LoginStopped */
export async function decideLogin(attempt: LoginAttempt): Promise<LoginOutcome> {
  const { context, connection, login, request, learned } = attempt;
  const { tx, org, at } = context;
  const purpose = request?.purpose ?? 'sign_in';
  if (connection.state !== 'active' && purpose !== 'test') throw new LoginStopped('connection_off');
  if (connection.settings.forceAuthn && request !== undefined) requireFresh(request, login);

  const { subject, subjectAsSent, externalId } = login.identity;
  const email = emailOf(login);
  const names = {
    subject,
    subjectAsSent,
    externalId,
    address: addressVariants(email),
  };
  const found = await findLinkCandidates(tx, org, connection.id, names, at);
  learned.user = found.length === 1 ? found[0]?.id : undefined;
  if (purpose === 'step_up') return stepUp(attempt, found);

  const facts = await findLoginFacts(tx, org, connection.id, domainOf(email));
  const erasedBefore = await wasErased(tx, org, connection.id, names);
  const inactiveVariant = await hasInactiveVariant(tx, org, names.address);
  const known = { ...facts, erasedBefore, inactiveVariant };
  const state = stateOf(connection, login, found, known, domainOf(email));
  const decision = decideLink({ ...login.identity, email }, state);
  const user = 'user' in decision ? found.find(({ id }) => id === decision.user) : undefined;
  if (purpose === 'test') {
    const foreseen = await foreseeLogin(
      context,
      connection,
      login.identity,
      facts.scimPushesGroups,
      decision,
      user,
    );
    learned.seen = { ...learned.seen, wouldBe: { ...decision, ...foreseen } };
    return completeTest(attempt, email, decision);
  }
  switch (decision.kind) {
    case 'refuse':
      throw new LoginStopped(decision.reason);
    case 'confirm':
      await askToConfirm(context, connection, user as LoginCandidate, subject, attempt.dependencies);
      return { kind: 'confirm' };
    case 'create':
      return signIn(attempt, facts, email, undefined);
    case 'admit': {
      const addressTaken = found.some((row) => row.byEmail && row !== user);
      return signIn(attempt, facts, email, { ...(user as LoginCandidate), ...decision, addressTaken });
    }
  }
}

/** @throws LoginStopped `email_invalid` if the address is invalid */
function emailOf({ identity }: SsoLogin): string | undefined {
  if (identity.email === undefined || identity.email.trim() === '') return undefined;
  const email = parseEmailAddress(identity.email);
  if (email === undefined) throw new LoginStopped('email_invalid');
  return email;
}

/** Signs the user in: syncs their profile with the provider and begins a session. */
async function signIn(
  { context, connection, login, request, client, learned, dependencies }: LoginAttempt,
  facts: LoginFacts,
  email: string | undefined,
  known: KnownUser | undefined,
): Promise<LoginOutcome> {
  const { tx, org, at } = context;
  const { present } = login;
  const { user, groups } = await createOrLink(
    context,
    connection,
    { ...login.identity, email },
    facts,
    known,
  );
  learned.user = user;
  learned.seen = { ...learned.seen, groups };
  if (present?.authority.org === org) {
    await endSessions(tx, org, present.authority.rights.id, { only: present.id }, at);
  }
  const session = await beginProviderSession(context, connection, login.identity, user, client, dependencies);
  return {
    kind: 'signed_in',
    session,
    user,
    returnTo: request === undefined ? login.returnTo : (request.returnTo ?? undefined),
    isNews:
      request?.fromElsewhere === true ||
      (present !== undefined && (present.authority.org !== org || present.authority.rights.id !== user)),
  };
}

/**
 * A test verifies the connection and signs no user in.
 * @throws LoginStopped `connection_changed` if it changed since the test began
 */
async function completeTest(
  { context, connection, request }: LoginAttempt,
  email: string | undefined,
  wouldBe: LinkDecision,
): Promise<LoginOutcome> {
  const { tx, org, at, recordEvent } = context;
  if (email === undefined) throw new LoginStopped('email_missing');
  if (!(await recordTested(tx, org, connection.id, request?.createdAt ?? at, at))) {
    throw new LoginStopped('connection_changed');
  }
  recordEvent({ action: 'sso_connection.tested', target: ['sso_connection', connection.id] });
  return { kind: 'tested', returnTo: request?.returnTo ?? undefined, wouldBe };
}

/** Step-up: the session's user has just signed in again at the provider (R90). */
async function stepUp(
  { context, login, request, learned }: LoginAttempt,
  found: readonly LoginCandidate[],
): Promise<LoginOutcome> {
  const user = linkedOf(found, login.identity);
  learned.user = user?.id;
  if (request === undefined || request.sessionId === null || user?.id !== request.user) {
    throw new LoginStopped('step_up_other_person');
  }
  const out = denialReason(user);
  if (out !== undefined) throw new LoginStopped(out);
  requireFresh(request, login);
  if (!(await recordStepUp(context.tx, context.org, request.sessionId, user.id, context.at))) {
    throw new LoginStopped('step_up_other_person');
  }
  return { kind: 'proved', returnTo: request.returnTo ?? undefined };
}

/** @throws LoginStopped `authentication_stale` if the provider has not asked for credentials since */
function requireFresh({ createdAt }: LoginRequest, { identity: { authenticatedAt } }: SsoLogin): void {
  const begun = Date.parse(createdAt) - SKEW_MS;
  if (authenticatedAt === undefined || Date.parse(authenticatedAt) < begun) {
    throw new LoginStopped('authentication_stale');
  }
}

function stateOf(
  { org, provisioning }: LoginConnection,
  { identity, present }: SsoLogin,
  found: readonly LoginCandidate[],
  facts: LoginFacts & Pick<LinkState, 'erasedBefore' | 'inactiveVariant'>,
  domain: string | undefined,
): LinkState {
  const of = (fits: (row: LoginCandidate) => boolean) => found.filter(fits);
  return {
    linked: linkedOf(found, identity),
    byExternalId: of(({ byExternalId }) => byExternalId),
    byEmail: of(({ byEmail }) => byEmail),
    erasedBefore: facts.erasedBefore,
    inactiveVariant: facts.inactiveVariant,
    present: present?.authority.org === org ? present.authority.rights.id : undefined,
    domainVerified: facts.domainVerified,
    domainElsewhere: facts.domainClaimed && !facts.domainVerified,
    domainAllowed:
      facts.domainVerified || (domain !== undefined && provisioning.allowedDomains.includes(domain)),
    creates: provisioning.enabled && !(facts.scimUsed && provisioning.whenScim === 'stop'),
    externalIdConfigured: provisioning.externalIdAttribute !== null,
  };
}

/**
 * The candidate linked to this subject. A manually linked subject may differ in case from the form in which
 * addresses are compared, unless that form is another user's.
 */
function linkedOf(
  found: readonly LoginCandidate[],
  { subject, subjectIsAddress }: SsoLogin['identity'],
): LoginCandidate | undefined {
  return (
    found.find(({ subjectHere }) => subjectHere === subject) ??
    found.find(({ subjectHere: here }) => subjectIsAddress && here !== null && caseKey(here) === subject)
  );
}
