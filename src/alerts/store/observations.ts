import type { FeedEvent } from '../../audit/feed.ts';
import { eventName } from '../../audit/store/event-sql.ts';
import { nextEvent } from '../../audit/store/feed.ts';
import type { OrgId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';
import { smallestUuidv7 } from '../../platform/ids.ts';
import type { KnownNetwork } from '../rules/new-location.ts';

const known: Statement = {
  name: 'alert-known-networks',
  text: `select user_id as "user", network, device, first_at as "firstAt", last_at as "lastAt", sign_ins as "signIns"
    from known_networks where org_id = $1 and user_id = any($2::uuid[])`,
};

/** Networks and devices from which users signed in. */
export function findKnownNetworks(
  tx: Executor,
  org: OrgId,
  users: readonly string[],
): Promise<(KnownNetwork & { readonly user: string })[]> {
  return tx.query(known, [org, users]);
}

const others: Statement = {
  name: 'alert-users-of-networks',
  text: `select network, array_agg(distinct user_id) as users from known_networks
    where org_id = $1 and network = any($2::text[]) and last_at > $3 group by network`,
};

/** Who signed in from some networks since a time. */
export async function findUsersOfNetworks(
  tx: Executor,
  org: OrgId,
  networks: readonly string[],
  since: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await tx.query<{ network: string; users: string[] }>(others, [org, networks, since]);
  return new Map(rows.map(({ network, users }) => [network, users]));
}

const learn: Statement = {
  name: 'alert-learn-networks',
  text: `insert into known_networks (org_id, user_id, network, device, first_at, last_at, sign_ins)
    select $1, s.user_id, s.network, s.device, min(s.at), max(s.at), count(*)
    from unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) as s (user_id, network, device, at)
    where exists (select from users u where u.org_id = $1 and u.id = s.user_id)
    group by s.user_id, s.network, s.device
    on conflict (org_id, user_id, network, device) do update set
      last_at = greatest(known_networks.last_at, excluded.last_at),
      sign_ins = known_networks.sign_ins + excluded.sign_ins`,
};

export interface SeenNetwork {
  readonly user: string;
  readonly network: string;
  readonly device: string;
  readonly at: string;
}

export async function learnNetworks(tx: Executor, org: OrgId, seen: readonly SeenNetwork[]): Promise<void> {
  if (seen.length === 0) return;
  await tx.query(learn, [
    org,
    seen.map(({ user }) => user),
    seen.map(({ network }) => network),
    seen.map(({ device }) => device),
    seen.map(({ at }) => at),
  ]);
}

const failures: Statement = {
  name: 'alert-failures',
  text: `select target_id as "user", host(ip) as ip, at from events
    where org_id = $1 and action = ${eventName('auth.failed')} and target_type = 'user' and id >= $2 and at >= $3
      and at <= $4
    order by id desc limit 20000`,
};

export interface FailedSignIn {
  readonly user: string;
  readonly ip: string | null;
  readonly at: string;
}

/** Failed sign-ins between two times, of which as many are read as say enough. @param until ISO 8601 */
export function findFailedSignIns(
  tx: Executor,
  org: OrgId,
  since: Date,
  until: string,
): Promise<FailedSignIn[]> {
  const values = [org, smallestUuidv7(since.getTime()), since.toISOString(), until];
  return tx.query<FailedSignIn>(failures, values);
}

const before: Statement = {
  name: 'alert-done-before',
  text: `select exists (select from events where org_id = $1 and actor_id = $2 and id < $3 and id >= $4 and at >= $5
    and action = $6) as done`,
};

/** Whether the actor did the same since a time, before an event. */
export async function didBefore(
  tx: Executor,
  org: OrgId,
  { actorId, id, action }: Pick<FeedEvent, 'actorId' | 'id' | 'action'>,
  since: Date,
): Promise<boolean> {
  const [row] = await tx.query<{ done: boolean }>(before, [
    org,
    actorId,
    id,
    smallestUuidv7(since.getTime()),
    since.toISOString(),
    action,
  ]);
  return row?.done === true;
}

const signIns: Statement = {
  name: 'alert-sign-ins',
  text: `select at from events where org_id = $1 and target_id = $2 and action = ${eventName('session.started')} and id < $3
    and id >= $4 and at >= $5 order by id desc limit 500`,
};

/** Times of a user's sign-ins since a time, before an event. */
export async function findSignInTimes(
  tx: Executor,
  org: OrgId,
  { targetId, id }: Pick<FeedEvent, 'targetId' | 'id'>,
  since: Date,
): Promise<readonly string[]> {
  const values = [org, targetId, id, smallestUuidv7(since.getTime()), since.toISOString()];
  return (await tx.query<{ at: string }>(signIns, values)).map(({ at }) => at);
}

const removals: Statement = {
  name: 'alert-removals',
  text: `select
      r.removed, r.first, r.last, (select name from connections where org_id = $1 and id = $2::uuid) as name,
      (select count(*)::integer from user_links where org_id = $1 and connection_id = $2::uuid) as provisioned
    from (select count(distinct target_id)::integer as removed, min(at) as first, max(at) as last from events
      where org_id = $1 and actor_id = $2::uuid::text and id >= $3
        and at >= $4 and at <= $5 and action in (${eventName('user.deactivated')}, ${eventName('user.deleted')},
          ${eventName('user.erased')})) r`,
};

interface Removals {
  /** What the connection is called; null once it is deleted. */
  readonly name: string | null;
  readonly removed: number;
  readonly provisioned: number;
  /** ISO 8601 */
  readonly first: string | null;
  readonly last: string | null;
}

/** How many users a connection took access from between two times, and how many it provisions. @param until ISO 8601 */
export async function countRemovals(
  tx: Executor,
  org: OrgId,
  connection: string,
  since: Date,
  until: string,
): Promise<Removals> {
  const values = [org, connection, smallestUuidv7(since.getTime()), since.toISOString(), until];
  const [row] = await tx.query<Removals>(removals, values);
  return row ?? { name: null, removed: 0, provisioned: 0, first: null, last: null };
}

const expiring: Statement = {
  name: 'alert-expiring',
  text: `select 'SCIM token ending in ' || t.last4 || ' of ' || n.name as what, t.connection_id as connection,
      t.id::text as key, null::uuid as user, t.expires_at as "expiresAt" from scim_tokens t
    join connections n on n.org_id = t.org_id and n.id = t.connection_id
    where t.org_id = $1 and t.revoked_at is null and t.expires_at > $2 and t.expires_at <= $3
    union all
    select 'certificate ' || left(c.fingerprint, 16) || ' of ' || n.name, c.connection_id, c.fingerprint, null, c.not_after
      from sso_certificates c
    join connections n on n.org_id = c.org_id and n.id = c.connection_id
    join sso_connections s on s.org_id = c.org_id and s.connection_id = c.connection_id and s.state = 'active'
    where c.org_id = $1 and c.not_after > $2 and c.not_after <= $3
    union all
    select 'API key ' || k.name, null, k.id::text, k.user_id, k.expires_at from api_keys k
    where k.org_id = $1 and k.revoked_at is null and k.expires_at > $2 and k.expires_at <= $3
      and k.expires_at - k.created_at > $3::timestamptz - $2::timestamptz
    limit 200`,
};

export interface Expiring {
  readonly what: string;
  readonly connection: string | null;
  /** The user who holds the key. */
  readonly user: string | null;
  readonly key: string;
  readonly expiresAt: string;
}

/** Tokens, certificates and keys that stop working between two times. Not keys that were made for less time. */
export function findExpiring(tx: Executor, org: OrgId, from: string, to: string): Promise<Expiring[]> {
  return tx.query<Expiring>(expiring, [org, from, to]);
}

const nameOfConnection: Statement = {
  name: 'alert-connection-name',
  text: 'select name from connections where org_id = $1 and id = $2',
};

/** What a connection is called; null once it is deleted. */
export async function findConnectionName(
  tx: Executor,
  org: OrgId,
  connection: string,
): Promise<string | null> {
  const [row] = await tx.query<{ name: string }>(nameOfConnection, [org, connection]);
  return row?.name ?? null;
}

const name: Statement = {
  name: 'alert-name-of',
  text: `select name from api_keys where org_id = $1 and id = $2 union all
    select name from connections where org_id = $1 and id = $2 union all
    select substring(url from '^[a-z]+://(?:[^/?#]*@)?([^/?#]+)') from webhooks where org_id = $1 and id = $2`,
};

/** What an API key or a connection is called, or the host of a webhook. @returns undefined once it is deleted */
export async function findNameOf(tx: Executor, org: OrgId, id: string): Promise<string | undefined> {
  return (await tx.query<{ name: string | null }>(name, [org, id]))[0]?.name ?? undefined;
}

const silent: Statement = {
  name: 'alert-silent',
  text: `select t.connection_id as connection, c.name, max(t.last_used_at) as "lastUsedAt" from scim_tokens t
    join connections c on c.org_id = t.org_id and c.id = t.connection_id
    where t.org_id = $1 and t.revoked_at is null group by t.connection_id, c.name
    having max(t.last_used_at) < $2 and min(t.created_at) < $2 limit 200`,
};

/** SCIM connections that asked nothing since a time, and did before. */
export function findSilentConnections(
  tx: Executor,
  org: OrgId,
  since: string,
): Promise<{ readonly connection: string; readonly name: string; readonly lastUsedAt: string }[]> {
  return tx.query(silent, [org, since]);
}

const failingStreams: Statement = {
  name: 'alert-failing-streams',
  text: `select s.id, s.name, s.delivered_event as "deliveredEvent", s.last_error as error, w.at as "waitingSince"
    from audit_streams s
    join event_cursors c on c.org_id = s.org_id and c.consumer = 'stream:' || s.id
    cross join ${nextEvent('s.org_id', 'c.position', 'c.event_id')} w
    where s.org_id = $1 and s.disabled_at is null and s.failures > 0 and w.at < $2 limit 200`,
};

export interface FailingStream {
  readonly id: string;
  readonly name: string;
  readonly deliveredEvent: string | null;
  readonly error: string | null;
  /** The time of the first event that did not arrive; ISO 8601. */
  readonly waitingSince: string;
}

/** Audit streams that fail, and whose first event in wait is from before a time. */
export function findFailingStreams(tx: Executor, org: OrgId, since: string): Promise<FailingStream[]> {
  return tx.query<FailingStream>(failingStreams, [org, since]);
}

const missingRecords: Statement = {
  name: 'alert-missing-domain-records',
  text: `select domain, connection_id as connection, missing_at as "missingSince" from sso_domains
    where org_id = $1 and verified_at is not null and missing_at < $2 limit 200`,
};

/** Verified domains whose DNS record has not been found since a time. */
export function findMissingRecords(
  tx: Executor,
  org: OrgId,
  since: string,
): Promise<{ readonly domain: string; readonly connection: string; readonly missingSince: string }[]> {
  return tx.query(missingRecords, [org, since]);
}
