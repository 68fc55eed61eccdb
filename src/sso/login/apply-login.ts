import { timingSafeEqual } from 'node:crypto';
import type { Client, Origin } from '../../directory/actor.ts';
import type { UnlockedWork, Work } from '../../directory/command-runner.ts';
import { Refusal } from '../../directory/errors.ts';
import { hashToken } from '../../platform/opaque-token.ts';
import { insertAttempt } from '../../sign-in/store/passwords.ts';
import { noSuchConnection } from '../administration/administered.ts';
import type { SsoReason } from '../rules/reasons.ts';
import { findSsoVersion, noteCertificateUse } from '../store/login-connections.ts';
import {
  findSignOnRequest,
  insertReplay,
  type SignOnRequestRow,
  useSignOnRequest,
  wasUsed,
} from '../store/requests.ts';
import { insertTrace } from '../store/trace-log.ts';
import type { SignOnConnection } from './connection.ts';
import type { SignOnDependencies } from './dependencies.ts';
import { passes } from './login-commands.ts';
import { type Arrival, type ArrivalOutcome, ArrivalStop, type Learned } from './sso-login.ts';

/** Times that an arrival begins again because SCIM, which takes no lock, created the person first. */
const ATTEMPTS = 3;

/** Lets somebody in whom a provider has proved, or does not. */
export type Arrive = (
  connection: SignOnConnection,
  arrival: Arrival,
  client: Client,
  requestId: string,
) => Promise<ArrivalOutcome>;

/**
 * Builds it: all in one transaction under the organization's lock, unless it is refused before, the request is used up, the assertion is kept
 * from coming twice, the person is decided upon, made or linked, the session begins, and a trace is kept.
 */
export function createArrive(dependencies: SignOnDependencies): Arrive {
  return async (connection, arrival, client, requestId) => {
    const origin: Origin = { actor: { type: 'connection', id: connection.id, via: 'sso' }, requestId };
    const early = await earlyRefusal(connection, arrival, dependencies);
    if (early !== undefined) {
      return dependencies.administer.withoutLock(connection.org, origin, (work) =>
        refuseWithin(work, connection, arrival, early, client, requestId),
      );
    }
    for (let left = ATTEMPTS; ; left -= 1) {
      try {
        return await dependencies.administer.on(connection.org, origin, (work) =>
          arriveWithin(work, connection, arrival, client, requestId, dependencies),
        );
      } catch (error) {
        const raced =
          error instanceof Refusal && (error.code === 'user_name_taken' || error.code === 'email_taken');
        if (!raced || left <= 1) throw error;
      }
    }
  };
}

/**
 * What can be seen to be refused without the organization's lock, so that an answer that was captured once does not
 * hold it up again and again. What passes is looked at again under the lock.
 */
async function earlyRefusal(
  { org, id, protocol, settings }: SignOnConnection,
  { answers, browser, replay }: Arrival,
  { db, now }: SignOnDependencies,
): Promise<SsoReason | undefined> {
  if (answers === undefined && !(protocol === 'saml' && settings.allowIdpInitiated)) {
    return 'idp_initiated_off';
  }
  if (answers !== undefined && !('used' in answers)) {
    const row = await findSignOnRequest(db, org, id, answers.key, now().toISOString());
    const wrong = row === undefined ? 'request_unknown' : whyNotThis(row, browser);
    if (wrong !== undefined) return wrong;
  }
  if (replay !== undefined && (await wasUsed(db, org, id, replay.id))) return 'replayed';
  return undefined;
}

/** Keeps what was refused early. A request that came back in another browser is used up by that. */
async function refuseWithin(
  work: UnlockedWork,
  connection: SignOnConnection,
  arrival: Arrival,
  reason: SsoReason,
  client: Client,
  requestId: string,
): Promise<ArrivalOutcome> {
  if (arrival.answers !== undefined && 'key' in arrival.answers) {
    await useSignOnRequest(work.tx, work.org, connection.id, arrival.answers.key, work.at);
  }
  const outcome = { kind: 'refused', reason, purpose: 'sign_in' } as const;
  const learned: Learned = { user: undefined, seen: { requestId, ...arrival.seen } };
  await keep(work, connection, outcome, undefined, client, learned);
  return outcome;
}

async function arriveWithin(
  work: Work,
  connection: SignOnConnection,
  arrival: Arrival,
  client: Client,
  requestId: string,
  dependencies: SignOnDependencies,
): Promise<ArrivalOutcome> {
  // The person reads the request id, and quotes it.
  const learned: Learned = { user: undefined, seen: { requestId, ...arrival.seen } };
  let request: SignOnRequestRow | undefined;
  let outcome: ArrivalOutcome;
  try {
    request = await takeRequest(work, connection, arrival);
    await takeAssertion(work, connection, arrival);
    await demandUnchanged(work, connection);
    outcome = await passes({ work, connection, arrival, request, client, learned, dependencies });
  } catch (error) {
    if (!(error instanceof ArrivalStop)) throw error;
    outcome = { kind: 'refused', reason: error.reason, purpose: request?.purpose ?? 'sign_in' };
  }
  await keep(work, connection, outcome, request, client, learned);
  return outcome;
}

/** Uses up the request that is answered. @throws ArrivalStop if there is none that fits, and one is needed */
async function takeRequest(
  { tx, org, at }: Work,
  connection: SignOnConnection,
  { answers, browser }: Arrival,
): Promise<SignOnRequestRow | undefined> {
  if (answers === undefined) {
    if (connection.protocol === 'saml' && connection.settings.allowIdpInitiated) return undefined;
    throw new ArrivalStop('idp_initiated_off');
  }
  const row =
    'used' in answers ? answers.used : await useSignOnRequest(tx, org, connection.id, answers.key, at);
  if (row === undefined) throw new ArrivalStop('request_unknown');
  const wrong = whyNotThis(row, browser);
  if (wrong !== undefined) throw new ArrivalStop(wrong);
  return row;
}

/** Why a request that was used up does not count: it was used before, or began in another browser (login CSRF). */
export function whyNotThis(
  row: Pick<SignOnRequestRow, 'used_at' | 'browser_hash'>,
  browser: string | undefined,
): SsoReason | undefined {
  if (row.used_at !== null) return 'request_used';
  const same = browser !== undefined && timingSafeEqual(hashToken(browser), row.browser_hash);
  return same ? undefined : 'browser_mismatch';
}

async function takeAssertion(
  { tx, org, at }: Work,
  { id }: SignOnConnection,
  { replay, certificate }: Arrival,
): Promise<void> {
  if (replay !== undefined && !(await insertReplay(tx, org, id, replay.id, replay.until))) {
    throw new ArrivalStop('replayed');
  }
  if (certificate !== undefined) await noteCertificateUse(tx, org, id, certificate, at);
}

/**
 * Verifying takes its time, a provider's answer as much as it likes: whom the connection believes, and whether it lets
 * anybody in, is what it is under the lock.
 * @throws ArrivalStop `connection_changed`, Refusal `not_found`
 */
async function demandUnchanged({ tx, org }: Work, { id, version }: SignOnConnection): Promise<void> {
  const current = await findSsoVersion(tx, org, id);
  if (current === undefined) throw noSuchConnection();
  if (current !== version) throw new ArrivalStop('connection_changed');
}

/** Writes what came of it: the event, the attempt beside the person, the trace. */
async function keep(
  { tx, org, at, newId, note }: UnlockedWork,
  { id: connection, protocol }: SignOnConnection,
  outcome: ArrivalOutcome,
  request: SignOnRequestRow | undefined,
  client: Client,
  { user, seen }: Learned,
): Promise<void> {
  const reason =
    outcome.kind === 'refused'
      ? outcome.reason
      : outcome.kind === 'confirm'
        ? ('link_unconfirmed' as const)
        : undefined;
  const signedIn = outcome.kind === 'signed_in';
  if (reason !== undefined) {
    note({
      action: 'auth.failed',
      target: user === undefined ? ['connection', connection] : ['user', user],
      changes: { values: { outcome: [null, reason] } },
    });
  }
  if (user !== undefined && (signedIn || reason !== undefined)) {
    const attempt = { outcome: signedIn ? 'signed_in' : 'refused', method: protocol, ...client } as const;
    await insertAttempt(tx, org, { id: newId(), user, ...attempt }, at);
  }
  const kind = outcome.kind === 'confirm' ? 'refused' : outcome.kind;
  const purpose = request?.purpose ?? 'sign_in';
  const trace = { id: newId(), connection, purpose, outcome: kind, reason, detail: undefined, user, seen };
  const isVerified = true;
  await insertTrace(tx, org, { ...trace, isVerified }, at);
}
