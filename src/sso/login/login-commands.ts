import type { Client } from '../../directory/actor.ts';
import type { Work } from '../../directory/command-runner.ts';
import { caseKey } from '../../directory/rules/comparison-keys.ts';
import { addressVariants } from '../../directory/users/rules/address-variants.ts';
import { parseEmailAddress } from '../../directory/users/rules/email-address.ts';
import { hasDeparted } from '../../lifecycle/store/tombstones.ts';
import { endSessions, noteProof } from '../../sign-in/store/sessions.ts';
import {
  type ArrivalCandidate,
  type ArrivalDecision,
  type ArrivalState,
  decideArrival,
  whyOut,
} from '../rules/account-linking.ts';
import { domainOf } from '../rules/domains.ts';
import {
  type ArrivalFacts,
  type CandidateRow,
  findArrivalCandidates,
  findArrivalFacts,
  hasInactiveVariant,
} from '../store/logins.ts';
import type { SignOnRequestRow } from '../store/requests.ts';
import { noteTested } from '../store/trace-log.ts';
import { askToConfirm } from './confirmations.ts';
import type { SignOnConnection } from './connection.ts';
import type { SignOnDependencies } from './dependencies.ts';
import { beginProviderSession } from './provider-session.ts';
import { admit } from './resolve-login.ts';
import { type Arrival, type ArrivalOutcome, ArrivalStop, type Learned } from './sso-login.ts';
import type { Known } from './sync.ts';

/** An arrival whose request and assertion count. */
interface Passage {
  readonly work: Work;
  readonly connection: SignOnConnection;
  readonly arrival: Arrival;
  /** Undefined: it began at the provider. */
  readonly request: SignOnRequestRow | undefined;
  readonly client: Client;
  readonly learned: Learned;
  readonly dependencies: SignOnDependencies;
}

/** How far in the past a provider's clock may be. */
const SKEW_MS = 60_000;

/** Decides who it is and what they came for. @throws ArrivalStop */
export async function passes(passage: Passage): Promise<ArrivalOutcome> {
  const { work, connection, arrival, request, learned } = passage;
  const { tx, org, at } = work;
  const purpose = request?.purpose ?? 'sign_in';
  if (connection.state !== 'active' && purpose !== 'test') throw new ArrivalStop('connection_off');
  if (connection.settings.forceAuthn && request !== undefined) demandFresh(request, arrival);

  const { subject, subjectAsSent, externalId } = arrival.identity;
  const email = emailOf(arrival);
  const names = {
    subject,
    subjectAsSent,
    externalId,
    address: addressVariants(email),
  };
  const found = await findArrivalCandidates(tx, org, connection.id, names, at);
  learned.user = found.length === 1 ? found[0]?.id : undefined;
  if (purpose === 'step_up') return proves(passage, found);

  const facts = await findArrivalFacts(tx, org, connection.id, domainOf(email));
  const departed = await hasDeparted(tx, org, connection.id, names);
  const inactiveVariant = await hasInactiveVariant(tx, org, names.address);
  const known = { ...facts, departed, inactiveVariant };
  const state = stateOf(connection, arrival, found, known, domainOf(email));
  const decision = decideArrival({ ...arrival.identity, email }, state);
  if (purpose === 'test') {
    learned.seen = { ...learned.seen, wouldBe: decision };
    return tests(passage, email, decision);
  }
  const person = 'user' in decision ? found.find(({ id }) => id === decision.user) : undefined;
  switch (decision.kind) {
    case 'refuse':
      throw new ArrivalStop(decision.reason);
    case 'confirm':
      await askToConfirm(work, connection, person as CandidateRow, subject, passage.dependencies);
      return { kind: 'confirm' };
    case 'create':
      return enters(passage, facts, email, undefined);
    case 'admit': {
      const addressTaken = found.some((row) => row.by_email && row !== person);
      return enters(passage, facts, email, { ...(person as CandidateRow), ...decision, addressTaken });
    }
  }
}

/** @throws ArrivalStop `email_invalid` if there is an address that is none */
function emailOf({ identity }: Arrival): string | undefined {
  if (identity.email === undefined || identity.email.trim() === '') return undefined;
  const email = parseEmailAddress(identity.email);
  if (email === undefined) throw new ArrivalStop('email_invalid');
  return email;
}

/** The person gets in: what the provider says of them follows, and a session begins. */
async function enters(
  { work, connection, arrival, request, client, learned, dependencies }: Passage,
  facts: ArrivalFacts,
  email: string | undefined,
  known: Known | undefined,
): Promise<ArrivalOutcome> {
  const { tx, org, at } = work;
  const { present } = arrival;
  const { user, groups } = await admit(work, connection, { ...arrival.identity, email }, facts, known);
  learned.user = user;
  learned.seen = { ...learned.seen, groups };
  if (present?.authority.org === org) {
    await endSessions(tx, org, present.authority.rights.id, { only: present.id }, at);
  }
  const session = await beginProviderSession(work, connection, arrival.identity, user, client, dependencies);
  return {
    kind: 'signed_in',
    session,
    user,
    returnTo: request === undefined ? arrival.returnTo : (request.return_to ?? undefined),
    isNews:
      request?.from_elsewhere === true ||
      (present !== undefined && (present.authority.org !== org || present.authority.rights.id !== user)),
  };
}

/** A test proves the connection, and signs nobody in. @throws ArrivalStop `connection_changed` since the test began */
async function tests(
  { work, connection, request }: Passage,
  email: string | undefined,
  wouldBe: ArrivalDecision,
): Promise<ArrivalOutcome> {
  const { tx, org, at, note } = work;
  if (email === undefined) throw new ArrivalStop('email_missing');
  if (!(await noteTested(tx, org, connection.id, request?.created_at ?? at, at))) {
    throw new ArrivalStop('connection_changed');
  }
  note({ action: 'sso_connection.tested', target: ['connection', connection.id] });
  return { kind: 'tested', returnTo: request?.return_to ?? undefined, wouldBe };
}

/** Step-up: the very person of the session has just signed in again at the provider (R90). */
async function proves(
  { work, arrival, request, learned }: Passage,
  found: readonly CandidateRow[],
): Promise<ArrivalOutcome> {
  const person = linkedOf(found, arrival.identity);
  learned.user = person?.id;
  if (request === undefined || request.session_id === null || person?.id !== request.user_id) {
    throw new ArrivalStop('step_up_other_person');
  }
  const out = whyOut(person);
  if (out !== undefined) throw new ArrivalStop(out);
  demandFresh(request, arrival);
  if (!(await noteProof(work.tx, work.org, request.session_id, person.id, work.at))) {
    throw new ArrivalStop('step_up_other_person');
  }
  return { kind: 'proved', returnTo: request.return_to ?? undefined };
}

/** @throws ArrivalStop `authentication_stale` if the provider has not asked for the credentials since */
function demandFresh({ created_at }: SignOnRequestRow, { identity: { authenticatedAt } }: Arrival): void {
  const begun = Date.parse(created_at) - SKEW_MS;
  if (authenticatedAt === undefined || Date.parse(authenticatedAt) < begun) {
    throw new ArrivalStop('authentication_stale');
  }
}

function stateOf(
  { org, provisioning }: SignOnConnection,
  { identity, present }: Arrival,
  found: readonly CandidateRow[],
  facts: ArrivalFacts & Pick<ArrivalState, 'departed' | 'inactiveVariant'>,
  domain: string | undefined,
): ArrivalState {
  const of = (fits: (row: CandidateRow) => boolean) => found.filter(fits).map(toCandidate);
  const linked = linkedOf(found, identity);
  return {
    linked: linked && toCandidate(linked),
    byExternalId: of(({ by_external_id }) => by_external_id),
    byEmail: of(({ by_email }) => by_email),
    departed: facts.departed,
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
  { subject, subjectIsAddress }: Arrival['identity'],
): CandidateRow | undefined {
  return (
    found.find(({ subject_here }) => subject_here === subject) ??
    found.find(({ subject_here: here }) => subjectIsAddress && here !== null && caseKey(here) === subject)
  );
}

function toCandidate(row: CandidateRow): ArrivalCandidate {
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
