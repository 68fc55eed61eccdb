import { timingSafeEqual } from 'node:crypto';
import type { Client } from '../../directory/actor.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { type Permission, parsePermission } from '../../directory/roles/rules/permissions.ts';
import type { Database } from '../../platform/db/database.ts';
import { hashToken } from '../../platform/opaque-token.ts';
import { rightsOf } from '../service-accounts/service-account.ts';
import { findApiKey, findServiceAccountKey, recordApiKeyUse } from './store.ts';

export interface ApiKeys {
  /**
   * @returns undefined for a key that is unknown, expired, disabled, or whose holder is not active (R80); a service
   *   account is active while its owner is
   */
  verify(token: string, requestId: string, client?: Client): Promise<Authority | undefined>;
}

/** Builds the check of API keys: their scopes and their owner's rights as both are at this moment (guard rule 6). */
export function createApiKeys({ db, now }: { readonly db: Database; readonly now: () => Date }): ApiKeys {
  return {
    verify: async (token, requestId, client) => {
      const hash = hashToken(token);
      const at = now().toISOString();
      const has = (row: { readonly hash: Buffer }) => timingSafeEqual(row.hash, hash);
      const row = (await findApiKey(db, hash, at)).find(has);
      if (row !== undefined) {
        if (row.unnoted) recordApiKeyUse(db, row.org, row.keyId, at);
        const actor = { type: 'api_key', id: row.keyId, user: row.rights.id, via: 'api' } as const;
        const scopes = toScopes(row.scopes);
        return {
          org: row.org,
          rights: row.rights,
          scopes,
          actor,
          origin: { actor, requestId, client },
        };
      }
      const key = (await findServiceAccountKey(db, hash, at)).find(has);
      if (key === undefined) return undefined;
      const { account } = key;
      const rights = rightsOf(account);
      if (rights.status !== 'active') return undefined;
      if (key.unnoted) recordApiKeyUse(db, key.org, key.keyId, at);
      const actor = { type: 'service_account', id: account.id, key: key.keyId, via: 'api' } as const;
      return {
        org: key.org,
        rights,
        scopes: toScopes(key.scopes),
        actor,
        accountOwner: account.owner?.id,
        origin: { actor, requestId, client },
      };
    },
  };
}

const toScopes = (names: readonly string[]): ReadonlySet<Permission> =>
  new Set(names.flatMap((name) => parsePermission(name) ?? []));
