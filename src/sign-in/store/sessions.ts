import type { ConnectionId, OrgId, UserId } from '../../directory/ids.ts';
import { settingSql } from '../../directory/organizations/store/settings.ts';
import type { Rights } from '../../directory/roles/authority.ts';
import { type RightsRow, rightsOfUser } from '../../directory/users/store/rows.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

const insert: Statement = {
  name: 'session-insert',
  text: `insert into sessions (org_id, id, user_id, hash, method, started_at, seen_at, ip, user_agent,
      connection_id, subject, session_index, sealed_hint, expires_at, opened_from)
    values ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
};

/** What ties a session to the identity provider that began it. */
export interface SessionOrigin {
  readonly connection: ConnectionId;
  readonly subject: string;
  /** The provider's own session: SAML's SessionIndex, OpenID Connect's `sid`. */
  readonly index: string | undefined;
  /** What a logout sends back, sealed. */
  readonly sealedHint: string;
  /** The provider's end of the session, ISO 8601. */
  readonly expiresAt: string | undefined;
}

export interface NewSession {
  readonly id: string;
  readonly user: UserId;
  readonly hash: Buffer;
  readonly method: string;
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
  readonly origin: SessionOrigin | undefined;
  /** Of a demonstration: the session of the organization that loaded it. */
  readonly openedFrom: string | undefined;
}

export async function insertSession(
  tx: Executor,
  org: OrgId,
  { id, user, hash, method, ip, userAgent, origin, openedFrom }: NewSession,
  at: string,
): Promise<void> {
  await tx.query(insert, [
    org,
    id,
    user,
    hash,
    method,
    at,
    ip ?? null,
    userAgent ?? null,
    origin?.connection ?? null,
    origin?.subject ?? null,
    origin?.index ?? null,
    origin?.sealedHint ?? null,
    origin?.expiresAt ?? null,
    openedFrom ?? null,
  ]);
}

/**
 * When a session is valid, all of it derived: it has not ended, is not too old or idle, and its user is
 * active and has not been signed out since it began. `$2` is the time.
 */
const live = `s.ended_at is null
    and s.seen_at > $2::timestamptz - make_interval(mins => ${settingSql('sessionIdleMinutes')})
    and s.started_at > $2::timestamptz - make_interval(hours => ${settingSql('sessionMaxHours')})
    and (s.expires_at is null or s.expires_at > $2::timestamptz)
    and u.status = 'active' and u.deleted_at is null
    and (u.sessions_from is null or s.started_at > u.sessions_from)`;

const liveSource = `sessions s join organizations o on o.id = s.org_id
    join users u on u.org_id = s.org_id and u.id = s.user_id`;

const found = `s.org_id as org, s.id as "sessionId", s.hash, s.proved_at as "provedAt",
      s.seen_at < $2::timestamptz - interval '1 minute' as unnoted, ${rightsOfUser.columns('$2')}`;

/**
 * Without an organization, since this is where one begins: the hash tells it. No session of a demonstration counts by
 * itself, whatever began it.
 */
const verify: Statement = {
  name: 'session-verify',
  text: `select ${found} from ${liveSource} where s.hash = $1 and o.demonstration_of is null and ${live}`,
};

/** A session of a demonstration counts beside the one that it was opened from, and for its organization only. */
const verifyOpened: Statement = {
  name: 'session-verify-opened',
  text: `select ${found}, r.name as "openedBy" from ${liveSource}
    join organizations r on r.id = o.demonstration_of
    join demonstrations m on m.org_id = r.id and m.state = 'ready'
    where s.hash = $1 and o.demonstration_of = $3 and s.opened_from = $4 and ${live}`,
};

/** A session that counts, with the rights of its user. */
export interface FoundSession {
  readonly org: OrgId;
  readonly sessionId: string;
  readonly rights: Rights;
  readonly hash: Buffer;
  /** ISO 8601 */
  readonly provedAt: string | null;
  /** Whether no use was noted in the last minute. */
  readonly unnoted: boolean;
}

/** The live sessions with this hash: one or none. @param now ISO 8601 */
export async function findSession(db: Executor, hash: Buffer, now: string): Promise<FoundSession[]> {
  type Row = RightsRow & Omit<FoundSession, 'rights'>;
  const rows = await db.query<Row>(verify, [hash, now]);
  return rows.map((row) => ({ ...row, rights: rightsOfUser.toUser(row) }));
}

/** A live session of a demonstration, with the name of the organization from which it was opened. */
export interface FoundOpenedSession extends FoundSession {
  readonly openedBy: string;
}

/** The live sessions with this hash that were opened from another: one or none. @param now ISO 8601 */
export async function findOpenedSession(
  db: Executor,
  hash: Buffer,
  from: { readonly org: OrgId; readonly session: string },
  now: string,
): Promise<FoundOpenedSession[]> {
  type Row = RightsRow & Omit<FoundOpenedSession, 'rights'>;
  const rows = await db.query<Row>(verifyOpened, [hash, now, from.org, from.session]);
  return rows.map((row) => ({ ...row, rights: rightsOfUser.toUser(row) }));
}

const recordUse: Statement = {
  name: 'session-note-use',
  text: `with used as (
      update sessions set seen_at = $3
      where org_id = $1 and id = $2 and seen_at < $3::timestamptz - interval '1 minute' returning user_id
    )
    update users u set last_active_at = $3 from used where u.org_id = $1 and u.id = used.user_id`,
};

/** Notes that a session was used, apart from the request: a read must not depend on a write. @param now ISO 8601 */
export function recordSessionUse(db: Database, org: OrgId, session: string, now: string): void {
  db.queryInBackground(recordUse, [org, session, now]);
}

const list: Statement = {
  name: 'session-list',
  text: `select s.id, s.method, s.started_at as "startedAt", s.seen_at as "seenAt", s.ip, s.user_agent as "userAgent"
    from ${liveSource}
    where s.org_id = $1 and s.user_id = $3 and ${live} order by s.seen_at desc limit 200`,
};

export interface ListedSession {
  readonly id: string;
  readonly method: string;
  readonly startedAt: string;
  readonly seenAt: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** A user's live sessions, the one used last first. */
export function listSessions(db: Executor, org: OrgId, user: UserId, now: string): Promise<ListedSession[]> {
  return db.query<ListedSession>(list, [org, now, user]);
}

const end: Statement = {
  name: 'session-end',
  text: `update sessions set ended_at = $4 where org_id = $1 and user_id = $2 and ended_at is null
    and ($3::uuid is null or id = $3) and ($5::uuid is null or id <> $5) returning id`,
};

/** Ends one session of a user, or all, but for one that may stay. @returns the ids of those that ended */
export async function endSessions(
  tx: Executor,
  org: OrgId,
  user: UserId,
  which: { readonly only?: string; readonly except?: string },
  at: string,
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(end, [org, user, which.only ?? null, at, which.except ?? null]);
  return rows.map(({ id }) => id);
}

const prove: Statement = {
  name: 'session-prove',
  text: `update sessions set proved_at = $4 where org_id = $1 and id = $2 and user_id = $3 and ended_at is null returning id`,
};

/** Notes that the user has just proved at their provider who they are. @returns false if the session has ended */
export async function recordStepUp(
  tx: Executor,
  org: OrgId,
  session: string,
  user: UserId,
  at: string,
): Promise<boolean> {
  return (await tx.query(prove, [org, session, user, at])).length > 0;
}

const origin: Statement = {
  name: 'session-origin',
  text: `select connection_id as connection, subject, session_index as index, sealed_hint as "sealedHint" from sessions
    where org_id = $1 and id = $2 and connection_id is not null`,
};

/** Where a session began, if that was at a provider. */
export async function findSessionOrigin(
  db: Executor,
  org: OrgId,
  session: string,
): Promise<Omit<SessionOrigin, 'expiresAt'> | undefined> {
  type Row = Omit<SessionOrigin, 'index' | 'expiresAt'> & { readonly index: string | null };
  const [row] = await db.query<Row>(origin, [org, session]);
  return row && { ...row, index: row.index ?? undefined };
}

const endOfProvider: Statement = {
  name: 'sessions-end-of-provider',
  text: `update sessions set ended_at = $5 where org_id = $1 and connection_id = $2 and ended_at is null
    and ($3::text is null or subject = $3) and ($4::text[] is null or session_index = any($4)) returning user_id as "user"`,
};

/**
 * Ends sessions that a connection began: of a subject, of some of the provider's sessions, or all.
 * @returns whose ended, once for each session
 */
export async function endProviderSessions(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  which: { readonly subject: string | undefined; readonly indexes: readonly string[] | undefined },
  at: string,
): Promise<UserId[]> {
  const values = [org, connection, which.subject ?? null, which.indexes ?? null, at];
  return (await tx.query<{ user: UserId }>(endOfProvider, values)).map(({ user }) => user);
}

const ofPasswords: Statement = {
  name: 'sessions-of-passwords',
  text: `select s.id, s.user_id as "user", u.email from sessions s join users u on u.org_id = s.org_id and u.id = s.user_id
    where s.org_id = $1 and s.connection_id is null and s.ended_at is null and not u.owner and u.email is not null`,
};

/** Sessions that began at no provider and have not ended, of users who are no owners. */
export function findPasswordSessions(
  tx: Executor,
  org: OrgId,
): Promise<{ id: string; user: UserId; email: string }[]> {
  return tx.query(ofPasswords, [org]);
}
