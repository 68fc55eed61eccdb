import type { ConnectionId, OrgId, UserId } from '../../directory/ids.ts';
import { displayNameOf, hasManagedRole } from '../../directory/store/fragments.ts';
import type { Role } from '../../directory/users/user.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { truncate } from '../../platform/truncate.ts';
import type { SsoReason } from '../rules/reasons.ts';
import type { LoginPurpose } from './requests.ts';

/**
 * Sign-ins that a connection remembers; of messages that proved nothing, which any unauthenticated client can send,
 * fewer.
 */
const KEPT = 500;
const KEPT_UNVERIFIED = 200;

const insert: Statement = {
  name: 'sso-trace-insert',
  text: `with gone as (
      delete from sso_traces where org_id = $1 and connection_id = $3 and is_verified = $11 and id <= (
        select id from sso_traces where org_id = $1 and connection_id = $3 and is_verified = $11
        order by id desc offset case when $11 then ${KEPT - 1} else ${KEPT_UNVERIFIED - 1} end limit 1)
    )
    insert into sso_traces (org_id, id, connection_id, at, purpose, outcome, reason, detail, user_id, seen, is_verified)
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11
    where exists (select from sso_connections where org_id = $1 and connection_id = $3)`,
};

/** What an administrator may see of a sign-in; the caller masks it. */
export type TraceSeen = Readonly<Record<string, unknown>>;

interface NewTrace {
  readonly id: string;
  readonly connection: ConnectionId;
  readonly purpose: LoginPurpose;
  readonly outcome: 'signed_in' | 'tested' | 'proved' | 'refused';
  readonly reason: SsoReason | undefined;
  readonly detail: string | undefined;
  readonly user: UserId | undefined;
  readonly seen: TraceSeen;
  /** Whether the provider's signature, or its answer to a code, was verified. */
  readonly isVerified: boolean;
}

/** Keeps what came of a sign-in; the oldest makes room. Of a connection that is gone nothing is kept. */
export async function insertTrace(tx: Executor, org: OrgId, trace: NewTrace, at: string): Promise<void> {
  const { id, connection, purpose, outcome, reason, detail, user, seen, isVerified } = trace;
  await tx.query(insert, [
    org,
    id,
    connection,
    at,
    purpose,
    outcome,
    reason ?? null,
    truncate(detail, 1_000) ?? null,
    user ?? null,
    JSON.stringify(seen, storable),
    isVerified,
  ]);
}

/** Whatever was shown of a message: Postgres keeps no NUL and no half of a surrogate pair. */
const storable = (_name: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value;

const tested: Statement = {
  name: 'sso-connection-tested',
  text: `update sso_connections set tested_at = $3 where org_id = $1 and connection_id = $2 and updated_at <= $4 returning state`,
};

/**
 * Notes that the settings of a connection are good.
 * @param begun when the test began, ISO 8601 @returns false if they have changed since
 */
export async function recordTested(
  tx: Executor,
  org: OrgId,
  connection: ConnectionId,
  begun: string,
  at: string,
): Promise<boolean> {
  return (await tx.query(tested, [org, connection, at, begun])).length > 0;
}

const columns = `t.id, t.at, t.purpose, t.outcome, t.reason, t.detail, t.seen, t.user_id as "user",
    ${displayNameOf('u')} as "userName", coalesce(u.email, u.user_name) as "userEmail"`;
const source = `sso_traces t left join users u on u.org_id = t.org_id and u.id = t.user_id and u.deleted_at is null`;

/** What came of a sign-in, successful or not. */
export interface SignInTrace {
  readonly id: string;
  readonly at: string;
  readonly purpose: LoginPurpose;
  readonly outcome: NewTrace['outcome'];
  readonly reason: SsoReason | null;
  readonly detail: string | null;
  readonly seen: TraceSeen;
  readonly user: UserId | null;
  readonly userName: string | null;
  /** Null also of a user who is gone. */
  readonly userEmail: string | null;
}

const list: Statement = {
  name: 'sso-traces-list',
  text: `select ${columns} from ${source} where t.org_id = $1 and t.connection_id = $2
    and ($3::text is null or t.outcome = $3) and ($4::uuid is null or t.id < $4) order by t.id desc limit $5`,
};

export interface TracePage {
  readonly outcome: NewTrace['outcome'] | undefined;
  /** The id behind which the page begins. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Sign-ins through a connection, the newest first. */
export function listTraces(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
  { outcome, after, limit }: TracePage,
): Promise<SignInTrace[]> {
  return db.query<SignInTrace>(list, [org, connection, outcome ?? null, after ?? null, limit]);
}

const lastTest: Statement = {
  name: 'sso-traces-last-test',
  text: `select ${columns} from ${source} where t.org_id = $1 and t.connection_id = $2 and t.purpose = 'test'
    order by t.id desc limit 1`,
};

export async function findLastTest(
  db: Executor,
  org: OrgId,
  connection: ConnectionId,
): Promise<SignInTrace | undefined> {
  return (await db.query<SignInTrace>(lastTest, [org, connection]))[0];
}

/** The last sign-in of a user through a connection that was verified, and the user now. */
export interface LastSignIn {
  readonly id: UserId;
  readonly role: Role;
  readonly owner: boolean;
  /** Whether SCIM's `roles` set the direct role. */
  readonly roleManaged: boolean;
  readonly seen: TraceSeen;
}

const lastSignIns: Statement = {
  name: 'sso-traces-last-sign-ins',
  text: `select distinct on (t.user_id) u.id, u.role, u.owner, t.seen, ${hasManagedRole('u')} as "roleManaged"
    from sso_traces t join users u on u.org_id = t.org_id and u.id = t.user_id
    where t.org_id = $1 and t.connection_id = $2 and t.is_verified and t.outcome = 'signed_in'
      and u.deleted_at is null and u.status <> 'inactive'
    order by t.user_id, t.id desc`,
};

/** Of each user whose sign-in is remembered the last one. */
export function findLastSignIns(db: Executor, org: OrgId, connection: ConnectionId): Promise<LastSignIn[]> {
  return db.query<LastSignIn>(lastSignIns, [org, connection]);
}

const pushesGroups: Statement = {
  name: 'sso-scim-pushes-groups',
  text: 'select exists (select from group_links where org_id = $1 and connection_id = $2) as pushes',
};

/** Whether SCIM pushes groups through a connection, which then alone decides about them. */
export async function scimPushesGroups(db: Executor, org: OrgId, connection: ConnectionId): Promise<boolean> {
  return (await db.query<{ pushes: boolean }>(pushesGroups, [org, connection]))[0]?.pushes === true;
}
