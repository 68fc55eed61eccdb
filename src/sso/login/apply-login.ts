import { timingSafeEqual } from 'node:crypto';
import type { Client, Origin } from '../../directory/actor.ts';
import type { CommandContext, UnlockedContext } from '../../directory/command-runner.ts';
import { DomainError } from '../../directory/errors.ts';
import { hashToken } from '../../platform/opaque-token.ts';
import { insertAttempt } from '../../sign-in/store/passwords.ts';
import { connectionNotFound } from '../administration/administered.ts';
import type { SsoReason } from '../rules/reasons.ts';
import { findSsoVersion, recordCertificateUse } from '../store/login-connections.ts';
import {
  findLoginRequest,
  insertReplay,
  type LoginRequestRow,
  useLoginRequest,
  wasUsed,
} from '../store/requests.ts';
import { insertTrace } from '../store/trace-log.ts';
import type { LoginConnection } from './connection.ts';
import type { SsoLoginDependencies } from './dependencies.ts';
import { createLoginCommands } from './login-commands.ts';
import { type LoginContext, type LoginOutcome, LoginStopped, type SsoLogin } from './sso-login.ts';

/** Times that an arrival begins again because SCIM, which takes no lock, created the person first. */
const ATTEMPTS = 3;

/** Lets somebody in whom a provider has proved, or does not. */
export type ApplyLogin = (
  connection: LoginConnection,
  login: SsoLogin,
  client: Client,
  requestId: string,
) => Promise<LoginOutcome>;

/**
 * Builds it: all in one transaction under the organization's lock, unless it is refused before, the request is used up, the assertion is kept
 * from coming twice, the person is decided upon, made or linked, the session begins, and a trace is kept.
 */
export function createApplyLogin(dependencies: SsoLoginDependencies): ApplyLogin {
  return async (connection, login, client, requestId) => {
    const origin: Origin = {
      actor: { type: 'connection', id: connection.id, via: 'sso' },
      requestId,
      client,
    };
    const early = await earlyRefusal(connection, login, dependencies);
    if (early !== undefined) {
      return dependencies.runner.withoutLock(connection.org, origin, (context) =>
        refuseWithin(context, connection, login, early, client, requestId),
      );
    }
    for (let left = ATTEMPTS; ; left -= 1) {
      try {
        return await dependencies.runner.withOrganization(connection.org, origin, (context) =>
          applyLoginWithin(context, connection, login, client, requestId, dependencies),
        );
      } catch (error) {
        const raced =
          error instanceof DomainError && (error.code === 'user_name_taken' || error.code === 'email_taken');
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

/** Keeps what was refused early. A request that came back in another browser is used up by that. */
async function refuseWithin(
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
  // The person reads the request id, and quotes it.
  const learned: LoginContext = { user: undefined, seen: { requestId, ...login.seen } };
  let request: LoginRequestRow | undefined;
  let outcome: LoginOutcome;
  try {
    request = await takeRequest(context, connection, login);
    await takeAssertion(context, connection, login);
    await requireUnchanged(context, connection);
    outcome = await createLoginCommands({
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

/** Uses up the request that is answered. @throws LoginStopped if there is none that fits, and one is needed */
async function takeRequest(
  { tx, org, at }: CommandContext,
  connection: LoginConnection,
  { answers, browser }: SsoLogin,
): Promise<LoginRequestRow | undefined> {
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

/** Why a request that was used up does not count: it was used before, or began in another browser (login CSRF). */
export function requestMismatch(
  row: Pick<LoginRequestRow, 'used_at' | 'browser_hash'>,
  browser: string | undefined,
): SsoReason | undefined {
  if (row.used_at !== null) return 'request_used';
  const same = browser !== undefined && timingSafeEqual(hashToken(browser), row.browser_hash);
  return same ? undefined : 'browser_mismatch';
}

async function takeAssertion(
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
 * Verifying takes its time, a provider's answer as much as it likes: whom the connection believes, and whether it lets
 * anybody in, is what it is under the lock.
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

/** Writes what came of it: the event, the attempt beside the person, the trace. */
async function keep(
  { tx, org, at, newId, recordEvent }: UnlockedContext,
  { id: connection, protocol }: LoginConnection,
  outcome: LoginOutcome,
  request: LoginRequestRow | undefined,
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
