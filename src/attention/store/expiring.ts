import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Database } from '../../platform/db/database.ts';

/** Something that stops working at a time. Times are ISO 8601. */
export interface Ending {
  readonly what: 'certificate' | 'scim_token' | 'api_key';
  readonly id: string;
  /** A token's last four characters, a certificate's fingerprint, a key's name. */
  readonly name: string;
  readonly connection: string | null;
  readonly connectionName: string | null;
  readonly holder: string | null;
  readonly endsAt: string;
  readonly lastUsedAt: string | null;
  /** Users who sign in with it, up to one more than is counted. */
  readonly users: number | null;
}

/** Which parts of what ends the caller may see. */
export interface EndingScope {
  readonly certificates: boolean;
  readonly tokens: boolean;
  /** Keys of everyone, of one user, or none. */
  readonly keys: 'all' | UserId | undefined;
}

/**
 * What ends between two times and nothing newer stands in for: a certificate whose connection trusts one that lasts longer,
 * and a token whose connection has a newer one, are not among it.
 * @param most where counting users stops
 */
export function findEnding(
  db: Database,
  org: OrgId,
  { from, to }: { readonly from: string; readonly to: string },
  { certificates, tokens, keys }: EndingScope,
  most: number,
): Promise<Ending[]> {
  return db.search<Ending>(
    `(select 'certificate' as what, x.fingerprint as id, left(x.fingerprint, 16) as name, c.id as connection,
        c.name as "connectionName", null as holder, x.not_after as "endsAt", x.last_used_at as "lastUsedAt",
        (select count(*)::integer from (select from identities i where i.org_id = $1 and i.connection_id = c.id
          limit $8) counted) as users
      from sso_certificates x
      join sso_connections s on s.org_id = x.org_id and s.connection_id = x.connection_id and s.state = 'active'
      join connections c on c.org_id = x.org_id and c.id = x.connection_id
      where $4::boolean and x.org_id = $1 and x.not_after > $2::timestamptz and x.not_after <= $3::timestamptz
        and not exists (select from sso_certificates y where y.org_id = $1 and y.connection_id = x.connection_id
          and y.not_after > x.not_after and y.not_before <= x.not_after)
      order by x.not_after limit 20)
    union all
    (select 'scim_token', t.id::text, coalesce(t.last4, ''), c.id, c.name, null, t.expires_at, t.last_used_at, null
      from scim_tokens t join connections c on c.org_id = t.org_id and c.id = t.connection_id
      where $5::boolean and t.org_id = $1 and t.revoked_at is null and t.expires_at > $2 and t.expires_at <= $3
        and not exists (select from scim_tokens y where y.org_id = $1 and y.connection_id = t.connection_id
          and y.revoked_at is null and y.id > t.id and (y.expires_at is null or y.expires_at > t.expires_at))
      order by t.expires_at limit 20)
    union all
    (select 'api_key', k.id::text, k.name, null, null,
        coalesce(a.name, (select coalesce(u.email, u.user_name) from users u where u.org_id = $1 and u.id = k.user_id)),
        k.expires_at, k.last_used_at, null
      from (select id, name, user_id, service_account_id, expires_at, last_used_at from api_keys
          where $6::boolean and org_id = $1 and revoked_at is null and expires_at > $2 and expires_at <= $3
            and ($7::uuid is null or user_id = $7)
          order by expires_at limit 100) k
      left join service_accounts a on a.org_id = $1 and a.id = k.service_account_id
      where a.id is null or a.deleted_at is null
      order by k.expires_at limit 20)`,
    [
      org,
      from,
      to,
      certificates,
      tokens,
      keys !== undefined,
      keys === 'all' ? null : (keys ?? null),
      most + 1,
    ],
  );
}

/** A domain whose DNS record is gone. */
export interface MissingDomain {
  readonly domain: string;
  readonly connection: string;
  readonly missingAt: string;
  readonly enforced: boolean;
}

/** Proved domains whose record has not been found of late. */
export function findMissingDomains(db: Database, org: OrgId): Promise<MissingDomain[]> {
  return db.search<MissingDomain>(
    `select d.domain, c.name as connection, d.missing_at as "missingAt", d.enforced
      from sso_domains d join connections c on c.org_id = d.org_id and c.id = d.connection_id
      where d.org_id = $1 and d.verified_at is not null and d.missing_at is not null order by d.missing_at limit 20`,
    [org],
  );
}
