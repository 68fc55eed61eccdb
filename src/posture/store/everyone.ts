import { KEY_STATE, KEY_USED, KEYS } from '../../access/api-keys/store.ts';
import { isUnusedAccount } from '../../access/service-accounts/store.ts';
import type { OrgId } from '../../directory/ids.ts';
import { LINKED_USERS, PASSWORD_ALONE } from '../../directory/store/fragments.ts';
import type { Database } from '../../platform/db/database.ts';
import { IS_ACTIVE } from './privileged.ts';

/** Who is not active: inactive, pending or deleted. A deleted user has no key. */
const OTHERS = `select id from users where org_id = $1 and status in ('inactive', 'pending')
      union select id from users where org_id = $1 and user_name_key is null`;

/** How many active people sign in with a password alone. */
export async function countPasswordAlone(db: Database, org: OrgId): Promise<number> {
  const [row] = await db.search<{ people: number }>(
    `select count(*)::integer as people from users u where u.org_id = $1 and ${IS_ACTIVE} and ${PASSWORD_ALONE}`,
    [org],
  );
  return row?.people ?? 0;
}

/** How many active people were not seen since a time. @param since ISO 8601 */
export async function countInactive(db: Database, org: OrgId, since: string): Promise<number> {
  const [row] = await db.search<{ people: number }>(
    `select count(*)::integer as people from users u where u.org_id = $1 and ${IS_ACTIVE}
      and greatest(u.last_active_at, u.last_login_at, u.created_at) < $2::timestamptz`,
    [org, since],
  );
  return row?.people ?? 0;
}

/**
 * How many active people are linked to a provider that users sign in through; undefined without such a provider. Two indexes
 * tell: who is linked, and who is not active.
 */
export async function countLinkedToSso(db: Database, org: OrgId): Promise<number | undefined> {
  const [row] = await db.search<{ people: number | null }>(
    `select case when exists (select from sso_connections s where s.org_id = $1 and s.state = 'active') then
        (select count(*)::integer from (${LINKED_USERS} except (${OTHERS})) linked)
      end as people`,
    [org],
  );
  return row?.people ?? undefined;
}

export interface ProgramCounts {
  readonly unusedServiceAccounts: number;
  readonly unusedApiKeys: number;
  readonly apiKeysWithoutExpiry: number;
}

/**
 * Service accounts and API keys that work at a time.
 * @param now ISO 8601 @param since ISO 8601: what is older and was not used since then is unused
 */
export async function countPrograms(
  db: Database,
  org: OrgId,
  now: string,
  since: string,
): Promise<ProgramCounts> {
  const [row] = await db.search<ProgramCounts>(
    `with keys as materialized (
      select k.expires_at, ${KEY_USED} as used from ${KEYS} where k.org_id = $1 and ${KEY_STATE} = 'active'
    )
    select
      (select count(*)::integer from service_accounts a where a.org_id = $1 and a.deleted_at is null
        and a.status = 'active' and ${isUnusedAccount('$3')}) as "unusedServiceAccounts",
      (select count(*)::integer from keys where used < $3) as "unusedApiKeys",
      (select count(*)::integer from keys where expires_at is null) as "apiKeysWithoutExpiry"`,
    [org, now, since],
  );
  return row ?? { unusedServiceAccounts: 0, unusedApiKeys: 0, apiKeysWithoutExpiry: 0 };
}
