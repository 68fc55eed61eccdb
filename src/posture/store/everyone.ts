import { KEY_STATE, KEY_USED, KEYS } from '../../access/api-keys/store.ts';
import { isUnusedAccount } from '../../access/service-accounts/store.ts';
import type { OrgId } from '../../directory/ids.ts';
import { LINKED_TO_SSO, PASSWORD_ALONE } from '../../directory/store/fragments.ts';
import type { Database } from '../../platform/db/database.ts';
import { IS_ACTIVE } from './privileged.ts';

/** Of the active people. */
export interface PeopleCounts {
  readonly withoutSecondFactor: number;
  readonly inactive: number;
  /** Linked to no provider that users sign in through; null where there is none. */
  readonly outsideSso: number | null;
}

/** @param since ISO 8601: who was not seen since then is inactive */
export async function countPeople(db: Database, org: OrgId, since: string): Promise<PeopleCounts> {
  const [row] = await db.search<PeopleCounts>(
    `select
      (select count(*)::integer from users u where u.org_id = $1 and ${IS_ACTIVE} and ${PASSWORD_ALONE})
        as "withoutSecondFactor",
      (select count(*)::integer from users u where u.org_id = $1 and ${IS_ACTIVE}
        and greatest(u.last_active_at, u.last_login_at, u.created_at) < $2::timestamptz) as inactive,
      case when exists (select from sso_connections s where s.org_id = $1 and s.state = 'active') then
        (select count(*)::integer from users u where u.org_id = $1 and ${IS_ACTIVE} and not ${LINKED_TO_SSO})
      end as "outsideSso"`,
    [org, since],
  );
  return row ?? { withoutSecondFactor: 0, inactive: 0, outsideSso: null };
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
