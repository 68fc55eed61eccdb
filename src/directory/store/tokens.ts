import type { Executor, Statement } from '../../platform/statement.ts';
import type { ConnectionId, OrgId } from '../ids.ts';

/** Without an organization, since this is where one begins: the hash tells it. */
const verify: Statement = {
  name: 'scim-token-verify',
  text: `with t as (
      select t.org_id, t.id, t.connection_id, t.hash, c.strict, t.last_used_at
      from scim_tokens t join connections c on c.org_id = t.org_id and c.id = t.connection_id
      where t.hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2)
    ), used as (
      update scim_tokens s set last_used_at = $2 from t
      where s.org_id = t.org_id and s.id = t.id
        and (t.last_used_at is null or t.last_used_at < $2::timestamptz - interval '1 minute')
    )
    select org_id, connection_id, hash, strict from t`,
};

export interface TokenRow {
  readonly org_id: OrgId;
  readonly connection_id: ConnectionId;
  readonly hash: Buffer;
  readonly strict: boolean;
}

/** The valid tokens with this hash: one or none. Notes the use, at most once a minute. */
export function findToken(db: Executor, hash: Buffer, now: Date): Promise<TokenRow[]> {
  return db.query<TokenRow>(verify, [hash, now.toISOString()]);
}
