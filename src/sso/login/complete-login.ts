import { timingSafeEqual } from 'node:crypto';
import type { Client, Origin } from '../../directory/actor.ts';
import type { CommandContext, UnlockedContext } from '../../directory/command-runner.ts';
import { DomainError, type DomainErrorCode } from '../../directory/errors.ts';
import { hashToken } from '../../platform/opaque-token.ts';
import { insertAttempt } from '../../sign-in/store/passwords.ts';
import { connectionNotFound } from '../administration/administered.ts';
import type { SsoReason } from '../rules/reasons.ts';
import { findSsoVersion, recordCertificateUse } from '../store/login-connections.ts';
import {
  findLoginRequest,
  insertReplay,
  type LoginRequest,
  useLoginRequest,
  wasUsed,
} from '../store/requests.ts';
import { insertTrace } from '../store/traces.ts';
import type { LoginConnection } from './connection.ts';
import { decideLogin } from './decide-login.ts';
import {
  type LoginContext,
  type LoginOutcome,
  LoginStopped,
  type SsoLogin,
  type SsoLoginDependencies,
} from './types.ts';

/** How often a login is retried because SCIM, which takes no lock, created the user or a group first. */
const ATTEMPTS = 3;
const RACED: readonly DomainErrorCode[] = ['user_name_taken', 'email_taken', 'group_name_taken'];

/** Applies a verified login: signs the user in, or rejects it. */
export type CompleteLogin = (
  connection: LoginConnection,
  login: SsoLogin,
  client: Client,
  requestId: string,
) => Promise<LoginOutcome>;

/**
 * Builds it. Unless the login is rejected early, everything happens in one transaction under the organization's lock: the request is consumed,
 * the assertion recorded against replay, the user found, created or linked, the session inserted and the trace written.
 */
export function createCompleteLogin(dependencies: SsoLoginDependencies): CompleteLogin {
  return async (connection, login, client, requestId) => {
    const origin: Origin = {
      actor: { type: 'connection', id: connection.id, via: 'sso' },
      requestId,
      client,
    };
    const early = await findEarlyRejection(connection, login, dependencies);
    if (early !== undefined) {
      return dependencies.runner.withoutLock(connection.org, origin, (context) =>
        rejectLogin(context, connection, login, early, client, requestId),
      );
    }
    for (let left = ATTEMPTS; ; left -= 1) {
      try {
        return await dependencies.runner.withOrganization(connection.org, origin, (context) =>
          applyLoginWithin(context, connection, login, client, requestId, dependencies),
        );
      } catch (error) {
        const isRaced = error instanceof DomainError && RACED.includes(error.code);
        if (!isRaced || left <= 1) throw error;
      }
    }
  };
}

/**
 * Rejects what it can without the organization's lock, so that replayed answers do not occupy it. Everything else is
 * checked again under the lock.
 */
async function findEarlyRejection(
  { org, id, protocol, settings }: LoginConnection,
  { answers, browser, replay }: SsoLogin,
  { db, now }: SsoLoginDependencies,
): Promise<SsoReason | undefined> {
  if (answers === undefined && !(protocol === 'saml' && settings.allowIdpInitiated)) {
    return 'idp_initiated_off';
  }
  if (answers !== undefined && !('used' in answers)) {
    const row = await findLoginRequest(db, org, id, answers.key, now().toISOString());
    const wrong = row === undefined ? 'request_unknown' : requestMismatch(row, browser);
    if (wrong !== undefined) return wrong;
  }
  if (replay !== undefined && (await wasUsed(db, org, id, replay.id))) return 'replayed';
  return undefined;
}

/** Records an early rejection. A request that is answered from another browser is consumed by it. */
async function rejectLogin(
  context: UnlockedContext,
  connection: LoginConnection,
  login: SsoLogin,
  reason: SsoReason,
  client: Client,
  requestId: string,
): Promise<LoginOutcome> {
  if (login.answers !== undefined && 'key' in login.answers) {
    await useLoginRequest(context.tx, context.org, connection.id, login.answers.key, context.at);
  }
  const outcome = { kind: 'refused', reason, purpose: 'sign_in' } as const;
  const learned: LoginContext = { user: undefined, seen: { requestId, ...login.seen } };
  await keep(context, connection, outcome, undefined, client, learned);
  return outcome;
}

async function applyLoginWithin(
  context: CommandContext,
  connection: LoginConnection,
  login: SsoLogin,
  client: Client,
  requestId: string,
  dependencies: SsoLoginDependencies,
): Promise<LoginOutcome> {
  // The user is shown the request id and quotes it.
  const learned: LoginContext = { user: undefined, seen: { requestId, ...login.seen } };
  let request: LoginRequest | undefined;
  let outcome: LoginOutcome;
  try {
    request = await consumeRequest(context, connection, login);
    await recordAssertion(context, connection, login);
    await requireUnchanged(context, connection);
    outcome = await decideLogin({
      context,
      connection,
      login,
      request,
      client,
      learned,
      dependencies,
    });
  } catch (error) {
    if (!(error instanceof LoginStopped)) throw error;
    outcome = { kind: 'refused', reason: error.reason, purpose: request?.purpose ?? 'sign_in' };
  }
  await keep(context, connection, outcome, request, client, learned);
  return outcome;
}

/** Consumes the request that the login answers. @throws LoginStopped if a request is needed and none matches */
async function consumeRequest(
  { tx, org, at }: CommandContext,
  connection: LoginConnection,
  { answers, browser }: SsoLogin,
): Promise<LoginRequest | undefined> {
  if (answers === undefined) {
    if (connection.protocol === 'saml' && connection.settings.allowIdpInitiated) return undefined;
    throw new LoginStopped('idp_initiated_off');
  }
  const row =
    'used' in answers ? answers.used : await useLoginRequest(tx, org, connection.id, answers.key, at);
  if (row === undefined) throw new LoginStopped('request_unknown');
  const wrong = requestMismatch(row, browser);
  if (wrong !== undefined) throw new LoginStopped(wrong);
  return row;
}

/** Why a request is not acceptable: it was used before, or began in another browser (login CSRF). */
export function requestMismatch(
  row: Pick<LoginRequest, 'usedAt' | 'browserHash'>,
  browser: string | undefined,
): SsoReason | undefined {
  if (row.usedAt !== null) return 'request_used';
  const same = browser !== undefined && timingSafeEqual(hashToken(browser), row.browserHash);
  return same ? undefined : 'browser_mismatch';
}

async function recordAssertion(
  { tx, org, at }: CommandContext,
  { id }: LoginConnection,
  { replay, certificate }: SsoLogin,
): Promise<void> {
  if (replay !== undefined && !(await insertReplay(tx, org, id, replay.id, replay.until))) {
    throw new LoginStopped('replayed');
  }
  if (certificate !== undefined) await recordCertificateUse(tx, org, id, certificate, at);
}

/**
 * Verification takes time, and a provider may answer slowly: the connection's trust and state are read again under the
 * lock.
 * @throws LoginStopped `connection_changed`, DomainError `not_found`
 */
async function requireUnchanged(
  { tx, org }: CommandContext,
  { id, version }: LoginConnection,
): Promise<void> {
  const current = await findSsoVersion(tx, org, id);
  if (current === undefined) throw connectionNotFound();
  if (current !== version) throw new LoginStopped('connection_changed');
}

/** Writes the outcome: the event, the user's sign-in attempt, the trace. */
async function keep(
  { tx, org, at, newId, recordEvent }: UnlockedContext,
  { id: connection, protocol }: LoginConnection,
  outcome: LoginOutcome,
  request: LoginRequest | undefined,
  client: Client,
  { user, seen }: LoginContext,
): Promise<void> {
  const reason =
    outcome.kind === 'refused'
      ? outcome.reason
      : outcome.kind === 'confirm'
        ? ('link_unconfirmed' as const)
        : undefined;
  const signedIn = outcome.kind === 'signed_in';
  if (reason !== undefined) {
    recordEvent({
      action: 'auth.failed',
      target: user === undefined ? ['sso_connection', connection] : ['user', user],
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
