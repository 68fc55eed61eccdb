import { timingSafeEqual } from 'node:crypto';
import type { Client } from '../directory/actor.ts';
import type { Authority } from '../directory/roles/authority.ts';
import { findCurrentRights } from '../directory/roles/find-authority.ts';
import type { Permission } from '../directory/roles/rules/permissions.ts';
import type { Database } from '../platform/db/database.ts';
import { hashToken } from '../platform/opaque-token.ts';
import { findLinksByHash, type SetUpKind } from './store.ts';

export interface SetUpLinks {
  /** @returns undefined for a token that is unknown, revoked or expired, or whose maker is not active */
  verify(token: string, requestId: string, client?: Client): Promise<Authority | undefined>;
}

/** What a link may do, of what the user who made it may do, and for its connection alone. */
const SCOPES: Readonly<Record<SetUpKind, ReadonlySet<Permission>>> = {
  sso: new Set(['sso:manage', 'roles:assign']),
  scim: new Set(['scim:manage']),
};

/** Builds the check of set-up links (R154). */
export function createSetUpLinks({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): SetUpLinks {
  return {
    verify: async (token, requestId, client) => {
      const hash = hashToken(token);
      const at = now().toISOString();
      const link = (await findLinksByHash(db, hash, at)).find((row) => timingSafeEqual(row.hash, hash));
      if (link === undefined) return undefined;
      const actor = { type: 'set_up_link', id: link.id, via: 'api' } as const;
      const current = await findCurrentRights(db, link.org, link.creator, actor, at);
      if (current === undefined) return undefined;
      return {
        org: link.org,
        ...current,
        scopes: SCOPES[link.kind],
        actor,
        origin: { actor, requestId, client },
        // The user who made the link proved who they are: that is what it stands for.
        provedAt: at,
      };
    },
  };
}
