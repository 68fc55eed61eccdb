import type { Client } from '../../directory/actor.ts';
import type { CommandContext } from '../../directory/command-runner.ts';
import { caseKey } from '../../directory/rules/comparison-keys.ts';
import { addressVariants } from '../../directory/users/rules/address-variants.ts';
import { parseEmailAddress } from '../../directory/users/rules/email-address.ts';
import { wasErased } from '../../lifecycle/store/tombstones.ts';
import { endSessions, recordStepUp } from '../../sign-in/store/sessions.ts';
import {
  decideLink,
  denialReason,
  type LinkCandidate,
  type LinkDecision,
  type LinkState,
} from '../rules/account-linking.ts';
import { domainOf } from '../rules/domains.ts';
import {
  type CandidateRow,
  findLinkCandidates,
  findLoginFacts,
  hasInactiveVariant,
  type LoginFacts,
} from '../store/logins.ts';
import type { LoginRequestRow } from '../store/requests.ts';
import { recordTested } from '../store/trace-log.ts';
import { askToConfirm } from './confirmations.ts';
import type { LoginConnection } from './connection.ts';
import type { SsoLoginDependencies } from './dependencies.ts';
import { beginProviderSession } from './provider-session.ts';
import { resolveLogin } from './resolve-login.ts';
import { type LoginContext, type LoginOutcome, LoginStopped, type SsoLogin } from './sso-login.ts';
import type { KnownUser } from './sync.ts';

/** An arrival whose request and assertion count. */
interface Passage {
  readonly context: CommandContext;
  readonly connection: LoginConnection;
  readonly login: SsoLogin;
  /** Undefined: it began at the provider. */
  readonly request: LoginRequestRow | undefined;
  readonly client: Client;
  readonly learned: LoginContext;
  readonly dependencies: SsoLoginDependencies;
}

/** How far in the past a provider's clock may be. */
const SKEW_MS = 60_000;

/** Decides who it is and what they came for. @throws LoginStopped */
export async function createLoginCommands(passage: Passage): Promise<LoginOutcome> {
  const { context, connection, login, request, learned } = passage;
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
  if (purpose === 'step_up') return proves(passage, found);

  const facts = await findLoginFacts(tx, org, connection.id, domainOf(email));
  const erasedBefore = await wasErased(tx, org, connection.id, names);
  const inactiveVariant = await hasInactiveVariant(tx, org, names.address);
  const known = { ...facts, erasedBefore, inactiveVariant };
  const state = stateOf(connection, login, found, known, domainOf(email));
  const decision = decideLink({ ...login.identity, email }, state);
  if (purpose === 'test') {
    learned.seen = { ...learned.seen, wouldBe: decision };
    return tests(passage, email, decision);
  }
  const person = 'user' in decision ? found.find(({ id }) => id === decision.user) : undefined;
  switch (decision.kind) {
    case 'refuse':
      throw new LoginStopped(decision.reason);
    case 'confirm':
      await askToConfirm(context, connection, person as CandidateRow, subject, passage.dependencies);
      return { kind: 'confirm' };
    case 'create':
      return enters(passage, facts, email, undefined);
    case 'admit': {
      const addressTaken = found.some((row) => row.by_email && row !== person);
      return enters(passage, facts, email, { ...(person as CandidateRow), ...decision, addressTaken });
    }
  }
}

/** @throws LoginStopped `email_invalid` if there is an address that is none */
function emailOf({ identity }: SsoLogin): string | undefined {
  if (identity.email === undefined || identity.email.trim() === '') return undefined;
  const email = parseEmailAddress(identity.email);
  if (email === undefined) throw new LoginStopped('email_invalid');
  return email;
}

/** The person gets in: what the provider says of them follows, and a session begins. */
async function enters(
  { context, connection, login, request, client, learned, dependencies }: Passage,
  facts: LoginFacts,
  email: string | undefined,
  known: KnownUser | undefined,
): Promise<LoginOutcome> {
  const { tx, org, at } = context;
  const { present } = login;
  const { user, groups } = await resolveLogin(
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
    returnTo: request === undefined ? login.returnTo : (request.return_to ?? undefined),
    isNews:
      request?.from_elsewhere === true ||
      (present !== undefined && (present.authority.org !== org || present.authority.rights.id !== user)),
  };
}

/** A test proves the connection, and signs nobody in. @throws LoginStopped `connection_changed` since the test began */
async function tests(
  { context, connection, request }: Passage,
  email: string | undefined,
  wouldBe: LinkDecision,
): Promise<LoginOutcome> {
  const { tx, org, at, recordEvent } = context;
  if (email === undefined) throw new LoginStopped('email_missing');
  if (!(await recordTested(tx, org, connection.id, request?.created_at ?? at, at))) {
    throw new LoginStopped('connection_changed');
  }
  recordEvent({ action: 'sso_connection.tested', target: ['sso_connection', connection.id] });
  return { kind: 'tested', returnTo: request?.return_to ?? undefined, wouldBe };
}

/** Step-up: the very person of the session has just signed in again at the provider (R90). */
async function proves(
  { context, login, request, learned }: Passage,
  found: readonly CandidateRow[],
): Promise<LoginOutcome> {
  const person = linkedOf(found, login.identity);
  learned.user = person?.id;
  if (request === undefined || request.session_id === null || person?.id !== request.user_id) {
    throw new LoginStopped('step_up_other_person');
  }
  const out = denialReason(person);
  if (out !== undefined) throw new LoginStopped(out);
  requireFresh(request, login);
  if (!(await recordStepUp(context.tx, context.org, request.session_id, person.id, context.at))) {
    throw new LoginStopped('step_up_other_person');
  }
  return { kind: 'proved', returnTo: request.return_to ?? undefined };
}

/** @throws LoginStopped `authentication_stale` if the provider has not asked for the credentials since */
function requireFresh({ created_at }: LoginRequestRow, { identity: { authenticatedAt } }: SsoLogin): void {
  const begun = Date.parse(created_at) - SKEW_MS;
  if (authenticatedAt === undefined || Date.parse(authenticatedAt) < begun) {
    throw new LoginStopped('authentication_stale');
  }
}

function stateOf(
  { org, provisioning }: LoginConnection,
  { identity, present }: SsoLogin,
  found: readonly CandidateRow[],
  facts: LoginFacts & Pick<LinkState, 'erasedBefore' | 'inactiveVariant'>,
  domain: string | undefined,
): LinkState {
  const of = (fits: (row: CandidateRow) => boolean) => found.filter(fits).map(toCandidate);
  const linked = linkedOf(found, identity);
  return {
    linked: linked && toCandidate(linked),
    byExternalId: of(({ by_external_id }) => by_external_id),
    byEmail: of(({ by_email }) => by_email),
    erasedBefore: facts.erasedBefore,
    inactiveVariant: facts.inactiveVariant,
    present: present?.authority.org === org ? present.authority.rights.id : undefined,
    domainVerified: facts.domain_verified,
    domainElsewhere: facts.domain_claimed && !facts.domain_verified,
    domainAllowed:
      facts.domain_verified || (domain !== undefined && provisioning.allowedDomains.includes(domain)),
    creates: provisioning.enabled && !(facts.scim_used && provisioning.whenScim === 'stop'),
    externalIdConfigured: provisioning.externalIdAttribute !== null,
  };
}

/**
 * Whom the connection calls so. Somebody linked by hand may be known in another case than the one in which addresses
 * are compared, unless that one is somebody else's.
 */
function linkedOf(
  found: readonly CandidateRow[],
  { subject, subjectIsAddress }: SsoLogin['identity'],
): CandidateRow | undefined {
  return (
    found.find(({ subject_here }) => subject_here === subject) ??
    found.find(({ subject_here: here }) => subjectIsAddress && here !== null && caseKey(here) === subject)
  );
}

function toCandidate(row: CandidateRow): LinkCandidate {
  return {
    id: row.id,
    status: row.status,
    deleted: row.deleted,
    locked: row.locked,
    owner: row.owner,
    subjectHere: row.subject_here ?? undefined,
    provisionedHere: row.provisioned_here,
    externalIdHere: row.external_id_here ?? undefined,
    sharesAddress: row.shares_address,
    invited: row.invited,
  };
}
