import type { OrgId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';
import { smallestUuidv7 } from '../../platform/ids.ts';
import { FAILURES_IN_A_ROW, showsThatItWorks } from '../../provisioning/store/failing.ts';

/** A SCIM connection and how its requests fare. Times are ISO 8601. */
export interface ScimHealth {
  readonly id: string;
  readonly name: string;
  /** When its oldest valid token was made; null without one. */
  readonly tokenSince: string | null;
  readonly lastUsedAt: string | null;
  /** Requests that failed since the time asked for, up to one more than `most`. */
  readonly failures: number;
  readonly failedSince: string | null;
  readonly failedLast: string | null;
  /** Whether the newest requests all failed. */
  readonly isFailing: boolean;
  /** The most frequent error among them, and how often it occurred. */
  readonly status: number | null;
  readonly code: string | null;
  readonly frequency: number | null;
}

/**
 * The SCIM connections of an organization, at most 100, with what failed since a time. A GET of what is not there is how
 * identity providers look for a user, and no failure.
 * @param most where counting failures stops
 */
export function findScimHealth(
  db: Database,
  org: OrgId,
  { since, now, most }: { readonly since: Date; readonly now: Date; readonly most: number },
): Promise<ScimHealth[]> {
  return db.search<ScimHealth>(
    `select c.id, c.name, t.since as "tokenSince", t.used as "lastUsedAt", coalesce(f.failures, 0) as failures,
        f.first as "failedSince", f.last as "failedLast", f.status, f.code, f.frequency,
        n.failing as "isFailing"
      from (select id, name from connections where org_id = $1 order by id limit 100) c
      cross join lateral (
        select min(created_at) filter (where expires_at is null or expires_at > $4::timestamptz) as since,
          max(last_used_at) as used
        from scim_tokens where org_id = $1 and connection_id = c.id and revoked_at is null
      ) t left join lateral (
        with failed as materialized (
          select at, status, error_code from scim_requests r
          where r.org_id = $1 and r.connection_id = c.id and r.status >= 400 and r.id >= $2::uuid and r.at >= $3::timestamptz
            and not (r.status = 404 and r.method = 'GET')
          order by r.id desc limit $5
        ), frequent as (
          select status, error_code, count(*)::integer as frequency from failed group by 1, 2
          order by 3 desc, 1, 2 limit 1
        )
        select (select count(*)::integer from failed) as failures, (select min(at) from failed) as first,
          (select max(at) from failed) as last, status, error_code as code, frequency from frequent
      ) f on true cross join lateral (
        select count(*) = ${FAILURES_IN_A_ROW} and not bool_or(worked) as failing from (
          select ${showsThatItWorks('r')} as worked from scim_requests r
          where r.org_id = $1 and r.connection_id = c.id and r.id >= $2::uuid and r.at >= $3::timestamptz
          order by r.id desc limit ${FAILURES_IN_A_ROW}
        ) newest
      ) n
      where t.since is not null or t.used is not null or f.failures is not null order by c.id`,
    [org, smallestUuidv7(since.getTime()), since.toISOString(), now.toISOString(), most + 1],
  );
}

/** A connection that signs users in. */
export interface SsoHealth {
  readonly id: string;
  readonly name: string;
  readonly lastSignInAt: string | null;
}

/** The newest traces of a connection that are searched for a sign-in. */
const TRACES = 50;

/** Active connections that sign users in, at most 100, with their last sign-in. */
export function findSsoHealth(db: Database, org: OrgId): Promise<SsoHealth[]> {
  return db.search<SsoHealth>(
    `select c.id, c.name, (select max(t.at) from (
          select at, outcome from sso_traces where org_id = $1 and connection_id = s.connection_id order by id desc
          limit ${TRACES}
        ) t where t.outcome = 'signed_in') as "lastSignInAt"
      from sso_connections s join connections c on c.org_id = s.org_id and c.id = s.connection_id
      where s.org_id = $1 and s.state = 'active' order by c.id limit 100`,
    [org],
  );
}
