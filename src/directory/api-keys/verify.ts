import { timingSafeEqual } from 'node:crypto';
import type { Database } from '../../platform/db.ts';
import type { Authority } from '../authority.ts';
import { type Permission, parsePermission } from '../rules/permissions.ts';
import { findApiKey, noteApiKeyUse } from '../store/api-keys.ts';
import { toRights } from '../store/rights.ts';
import { hashToken } from '../tokens.ts';

export interface ApiKeys {
  /** @returns undefined for a key that is unknown, over, disabled, or of somebody who is not active (R80) */
  verify(token: string, requestId: string): Promise<Authority | undefined>;
}

/** Builds the check of API keys: their scopes and their owner's rights as both are at this moment (guard rule 6). */
export function createApiKeys({ db, now }: { readonly db: Database; readonly now: () => Date }): ApiKeys {
  return {
    verify: async (token, requestId) => {
      const hash = hashToken(token);
      const at = now().toISOString();
      const row = (await findApiKey(db, hash, at)).find((each) => timingSafeEqual(each.hash, hash));
      if (row === undefined) return undefined;
      if (row.unnoted) noteApiKeyUse(db, row.org_id, row.key_id, at);
      const scopes = new Set(
        row.scopes.flatMap((scope): Permission[] => {
          const known = parsePermission(scope);
          return known === undefined ? [] : [known];
        }),
      );
      const actor = { type: 'api_key', id: row.key_id, user: row.id, via: 'api' } as const;
      return { org: row.org_id, rights: toRights(row), scopes, actor, origin: { actor, requestId } };
    },
  };
}
