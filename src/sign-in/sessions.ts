import { createHash, timingSafeEqual } from 'node:crypto';
import type { Client, Origin } from '../directory/actor.ts';
import type { CommandDependencies } from '../directory/command-dependencies.ts';
import type { UnlockedContext } from '../directory/command-runner.ts';
import type { UserId } from '../directory/ids.ts';
import { notFound } from '../directory/not-found.ts';
import { type Authority, isOwner } from '../directory/roles/authority.ts';
import { requireManage } from '../directory/roles/rules/guards.ts';
import { loadDirectoryUser } from '../directory/users/target.ts';
import type { Database } from '../platform/db/database.ts';
import { hashToken, makeOpaqueToken } from '../platform/opaque-token.ts';
import {
  endSessions,
  type FoundSession,
  findOpenedSession,
  findSession,
  insertSession,
  type ListedSession,
  listSessions,
  recordSessionUse,
  type SessionOrigin,
} from './store/sessions.ts';

/** The user that a session cookie authenticates. */
export interface LiveSession {
  readonly id: string;
  readonly authority: Authority;
  /** What a page must send along with each change, so that another site's page cannot (CSRF). */
  readonly csrfToken: string;
  /** Of a session of a demonstration: the name of the organization from which it was opened. */
  readonly openedBy?: string;
}

/** A session that has just begun; the token is in the cookie and nowhere else. */
export interface StartedSession {
  readonly id: string;
  readonly token: string;
  readonly csrfToken: string;
}

/** The token against forged requests follows from the session's own, so nothing keeps it. */
function csrfTokenOf(token: string): string {
  return createHash('sha256').update(`csrf ${token}`).digest('base64url');
}

export interface Sessions {
  /** @returns undefined for a token that is unknown, expired, or of a user who may not sign in */
  verify(token: string, requestId: string, client?: Client): Promise<LiveSession | undefined>;
  /**
   * A session of a demonstration, which counts only beside the owner's session that it was opened from (ADR 0050).
   * @returns undefined for a token that is unknown, ended, or was opened from another session
   */
  verifyOpened(
    token: string,
    from: LiveSession,
    requestId: string,
    client?: Client,
  ): Promise<LiveSession | undefined>;
}

/** Builds the check of session cookies. */
export function createSessions({ db, now }: { readonly db: Database; readonly now: () => Date }): Sessions {
  const liveFrom = (
    token: string,
    { org, sessionId, rights, unnoted, provedAt }: FoundSession,
    at: string,
    requestId: string,
    client: Client | undefined,
  ): LiveSession => {
    if (unnoted) recordSessionUse(db, org, sessionId, at);
    const actor = { type: 'user', id: rights.id, via: 'api' } as const;
    const origin: Origin = { actor, requestId, session: sessionId, client };
    return {
      id: sessionId,
      csrfToken: csrfTokenOf(token),
      authority: { org, rights, scopes: undefined, actor, origin, provedAt: provedAt ?? undefined },
    };
  };
  const withHash = <Row extends FoundSession>(rows: readonly Row[], hash: Buffer): Row | undefined =>
    rows.find((each) => timingSafeEqual(each.hash, hash));

  return {
    verify: async (token, requestId, client) => {
      const hash = hashToken(token);
      const at = now().toISOString();
      const row = withHash(await findSession(db, hash, at), hash);
      return row === undefined ? undefined : liveFrom(token, row, at, requestId, client);
    },

    verifyOpened: async (token, { id, authority }, requestId, client) => {
      if (!isOwner(authority.rights)) return undefined;
      const hash = hashToken(token);
      const at = now().toISOString();
      const from = { org: authority.org, session: id };
      const row = withHash(await findOpenedSession(db, hash, from, at), hash);
      if (row === undefined) return undefined;
      // No account there has a password, and nothing there is worth protecting by one.
      const session = liveFrom(token, { ...row, provedAt: at }, at, requestId, client);
      return { ...session, openedBy: row.openedBy };
    },
  };
}

/** Begins a session, in the transaction of whatever proved who it is. */
export async function startSession(
  { tx, org, at, newId, recordEvent }: UnlockedContext,
  user: UserId,
  method: string,
  client: Client,
  { origin, openedFrom }: { readonly origin?: SessionOrigin; readonly openedFrom?: string } = {},
): Promise<StartedSession> {
  const token = makeOpaqueToken();
  const id = newId();
  await insertSession(
    tx,
    org,
    { id, user, hash: hashToken(token), method, ...client, origin, openedFrom },
    at,
  );
  recordEvent({
    action: 'session.started',
    target: ['user', user],
    session: id,
    changes: { values: { method: [null, method] } },
  });
  return { id, token, csrfToken: csrfTokenOf(token) };
}

export type { ListedSession } from './store/sessions.ts';

export interface SessionCommands {
  /** One's own live sessions, the one used last first. */
  own(by: Authority): Promise<ListedSession[]>;
  /** @throws DomainError `not_found` */
  endOwn(by: Authority, session: string): Promise<void>;
  /** Ends all of one's own but the caller. */
  endOthers(by: Authority, present: string): Promise<void>;
  /**
   * Ends the sessions of a user, or one of them.
   * @throws DomainError `not_found`, `forbidden`
   */
  endOf(by: Authority, user: UserId, session: string | undefined): Promise<void>;
}

/** Builds the commands about sessions that run. */
export function createSessionCommands({ db, now, runner }: CommandDependencies): SessionCommands {
  return {
    own: (by) => listSessions(db, by.org, by.rights.id, now().toISOString()),

    endOwn: (by, session) =>
      runner.withoutLock(by.org, by.origin, async (context) => {
        if ((await endSessionsAndRecord(context, by.rights.id as UserId, { only: session })) === 0)
          throw sessionNotFound();
      }),

    endOthers: (by, present) =>
      runner.withoutLock(by.org, by.origin, async (context) => {
        await endSessionsAndRecord(context, by.rights.id as UserId, { except: present });
      }),

    endOf: (by, user, session) =>
      runner.runAs(by, async (context, actor) => {
        const directoryUser = await loadDirectoryUser(context, user);
        if (user !== actor.rights.id) requireManage(actor, directoryUser, 'whole account');
        const ended = await endSessionsAndRecord(
          context,
          user,
          session === undefined ? {} : { only: session },
        );
        if (ended === 0 && session !== undefined) throw sessionNotFound();
      }),
  };
}

/** Ends sessions of a user and records it, if there were any. @returns how many */
export async function endSessionsAndRecord(
  { tx, org, at, recordEvent }: UnlockedContext,
  user: UserId,
  which: { readonly only?: string; readonly except?: string },
): Promise<number> {
  const ended = await endSessions(tx, org, user, which, at);
  if (ended.length > 0) {
    const values = { sessions: [ended.length, 0] as const };
    recordEvent({ action: 'session.ended', target: ['user', user], changes: { values } });
  }
  return ended.length;
}

const sessionNotFound = () => notFound('session');
