import type { Client, Origin } from '../../directory/actor.ts';
import { DomainError } from '../../directory/errors.ts';
import { type ConnectionId, type OrgId, parseConnectionId, type UserId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { hashToken } from '../../platform/opaque-token.ts';
import type { LiveSession } from '../../sign-in/sessions.ts';
import { createThrottle } from '../../sign-in/throttle.ts';
import { domainOf } from '../rules/domains.ts';
import type { SsoReason } from '../rules/reasons.ts';
import { findConnectionOf } from '../store/identities.ts';
import { findConnectionOfDomain } from '../store/login-connections.ts';
import {
  findPendingPurpose,
  insertLoginRequest,
  type LoginPurpose,
  type LoginRequest,
  useLoginRequest,
} from '../store/requests.ts';
import { insertTrace, type TraceSeen } from '../store/traces.ts';
import { type CompleteLogin, createCompleteLogin, requestMismatch } from './complete-login.ts';
import { type Confirmations, createConfirmations } from './confirmations.ts';
import { type LoginConnection, loadLoginConnection } from './connection.ts';
import { createSsoLogout, type SsoLogout } from './provider-session.ts';
import type { SsoLoginDependencies } from './types.ts';

export type { LoginPurpose, LoginRequest } from '../store/requests.ts';
export type { TraceSeen } from '../store/traces.ts';
export type { LoginConnection } from './connection.ts';
export type { LoginOutcome, SsoLogin } from './types.ts';

/** Per connection and address, and per address, in a quarter of an hour. */
const REJECTIONS_LISTED = { account: 100, address: 200 };

/** Sign-ins that begin from one address in a quarter of an hour: an office may be behind it. */
const STARTS = { account: 1_000, address: 1_000 };

/** What the payload of a request is sealed for. */
export const requestPurpose = (key: string): string => `sso request ${key}`;

/** A sign-in that begins: its answer will name `key`. */
export interface BegunSsoLogin {
  readonly key: string;
  readonly purpose: LoginPurpose;
  /** What this browser keeps in its cookie. */
  readonly browser: string;
  /** What the protocol wants back with the answer. */
  readonly payload: Readonly<Record<string, string>>;
  /** A path of ours. */
  readonly returnTo: string | undefined;
  /** Whose session it is that tests or steps up; a test may also be of a set-up link. */
  readonly session: LiveSession | 'set-up link' | undefined;
  /** Whether a page of another site sent the browser here. */
  readonly fromElsewhere: boolean;
}

/** A request that was used up, and what the protocol had put into it. */
export interface UsedRequest {
  readonly row: LoginRequest;
  readonly payload: Readonly<Record<string, string>>;
}

/** A sign-in that went no further than its message. */
export interface RejectedLogin {
  readonly reason: SsoReason;
  /** For the trace: which value, which element; nothing personal. */
  readonly detail: string | undefined;
  readonly purpose: LoginPurpose;
  readonly seen: TraceSeen;
}

export interface SsoLogins {
  /** @returns undefined if no connection has this id, or it signs no user in */
  connection(id: string): Promise<LoginConnection | undefined>;
  /** Which connection an address signs in through, by its domain: nothing about whether anybody has it (R136). */
  discover(email: string): Promise<{ readonly connection: ConnectionId } | undefined>;
  /** How a user with this address may sign in to an organization: what another one has proved is not considered there. */
  methodsOf(org: OrgId, email: string): Promise<readonly ('sso' | 'password')[]>;
  /**
   * Remembers a sign-in for ten minutes.
   * @throws DomainError `forbidden` if it asks for a session that is not of this organization
   */
  begin(connection: LoginConnection, begun: BegunSsoLogin): Promise<void>;
  /** Uses a request up before its answer is verified. @returns the reason if it is not accepted */
  take(
    connection: LoginConnection,
    key: string,
    browser: string | undefined,
  ): Promise<UsedRequest | SsoReason>;
  /** The purpose that a browser claims, before the answer is verified: for the trace only. */
  pendingPurpose(connection: LoginConnection, browser: string | undefined): Promise<LoginPurpose>;
  readonly completeLogin: CompleteLogin;
  /**
   * Counts a client's message before it is verified, so that concurrent messages cannot exceed the limit.
   * @throws DomainError `throttled` if the client has sent too many invalid messages
   */
  consumeAttempt(connection: LoginConnection, client: Client): Promise<void>;
  /**
   * Counts a started sign-in by client address; sign-ins started by other sites' pages are counted separately, so
   * that such a page cannot lock out an office. @throws DomainError `throttled`
   */
  countStart(fromElsewhere: boolean, client: Client): Promise<void>;
  /** What was sent was good, and is counted no more. */
  refundAttempt(connection: LoginConnection, client: Client): Promise<void>;
  /** Keeps a trace and an event of what was rejected before anybody was known. */
  recordRejected(connection: LoginConnection, refused: RejectedLogin, requestId: string): Promise<void>;
  /**
   * Where a user proves again at their provider who they are, for what asks for a proof (R90).
   * @param returnTo a path of ours @throws DomainError `no_provider`
   */
  stepUp(by: Authority, session: string, returnTo: string | undefined): Promise<string>;
  readonly confirmations: Confirmations;
  readonly off: SsoLogout;
}

/** Builds single sign-on as the directory sees it: adapters prove who it is, this decides what follows. */
export function createSsoLogins(dependencies: SsoLoginDependencies): SsoLogins {
  const { db, now, seal, runner, links } = dependencies;
  const throttle = createThrottle(db, 'sso', REJECTIONS_LISTED);
  const starts = createThrottle(db, 'sso start', STARTS);
  const startsFromElsewhere = createThrottle(db, 'sso start from elsewhere', STARTS);

  const byDomain = async (email: string) => {
    const domain = domainOf(email.trim());
    return domain === undefined ? undefined : findConnectionOfDomain(db, domain);
  };

  return {
    connection: async (text) => {
      const id = parseConnectionId(text);
      return id === undefined ? undefined : loadLoginConnection(db, seal, id, now().toISOString());
    },

    discover: async (email) => {
      const found = await byDomain(email);
      return found === undefined ? undefined : { connection: found.connection };
    },

    methodsOf: async (org, email) => {
      const found = await byDomain(email);
      if (found?.org !== org) return ['password'];
      return found.enforced ? ['sso'] : ['sso', 'password'];
    },

    begin: async ({ org, id }, { key, purpose, browser, payload, returnTo, session, fromElsewhere }) => {
      const present = session === 'set-up link' ? undefined : session;
      const isLinkTest = purpose === 'test' && session === 'set-up link';
      if (purpose !== 'sign_in' && !isLinkTest && present?.authority.org !== org) {
        throw new DomainError('forbidden', 'Sign in to the organization of this connection first.');
      }
      const bound = purpose === 'sign_in' ? undefined : present;
      await insertLoginRequest(
        db,
        org,
        id,
        {
          key,
          purpose,
          browserHash: hashToken(browser),
          sealed: seal.seal(JSON.stringify(payload), requestPurpose(key)),
          returnTo,
          fromElsewhere,
          user: bound?.authority.rights.id as UserId | undefined,
          session: bound?.id,
        },
        now().toISOString(),
      );
    },

    take: async ({ org, id }, key, browser) => {
      const row = await useLoginRequest(db, org, id, key, now().toISOString());
      if (row === undefined || row.sealed === null) return 'request_unknown';
      const wrong = requestMismatch(row, browser);
      if (wrong !== undefined) return wrong;
      const payload = JSON.parse(seal.open(row.sealed, requestPurpose(key))) as UsedRequest['payload'];
      return { row, payload };
    },

    pendingPurpose: async ({ org, id }, browser) => {
      const pending =
        browser === undefined
          ? undefined
          : await findPendingPurpose(db, org, id, hashToken(browser), now().toISOString());
      return pending ?? 'sign_in';
    },

    completeLogin: createCompleteLogin(dependencies),

    consumeAttempt: ({ id }, { ip }) => throttle.enter(`${id} ${ip ?? ''}`, ip, now()),
    countStart: (fromElsewhere, { ip }) =>
      (fromElsewhere ? startsFromElsewhere : starts).enter(ip ?? '', ip, now()),
    refundAttempt: ({ id }, { ip }) => throttle.withdraw(`${id} ${ip ?? ''}`, ip, now()),

    recordRejected: async ({ org, id }, { reason, detail, purpose, seen }, requestId) => {
      const origin: Origin = { actor: { type: 'connection', id, via: 'sso' }, requestId };
      await runner.withoutLock(org, origin, async ({ tx, at, newId, recordEvent }) => {
        const trace = { id: newId(), connection: id, purpose, outcome: 'refused', user: undefined } as const;
        const shown = { reason, detail, seen: { requestId, ...seen }, isVerified: false };
        await insertTrace(tx, org, { ...trace, ...shown }, at);
        recordEvent({
          action: 'auth.failed',
          target: ['sso_connection', id],
          changes: { values: { outcome: [null, reason] } },
        });
      });
    },

    stepUp: async ({ org, rights }, session, returnTo) => {
      const connection = await findConnectionOf(db, org, rights.id, session);
      if (connection !== undefined) return links.stepUp(connection, returnTo);
      throw new DomainError('no_provider', 'You sign in with a password: confirm with POST /auth/step-up.');
    },

    confirmations: createConfirmations(dependencies),
    off: createSsoLogout(dependencies),
  };
}
