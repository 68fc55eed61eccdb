import { timingSafeEqual } from 'node:crypto';
import type { ConnectionId, OrgId } from '../directory/ids.ts';
import type { Database } from '../platform/db/database.ts';
import { hashToken, tokenDigest } from '../platform/opaque-token.ts';
import type { RejectedToken } from './log/entry.ts';
import type { ProvisioningSettings } from './settings.ts';
import { findEndedToken, findToken, recordTokenUse } from './store/tokens.ts';

/** What a valid token identifies: the organization, the connection and its dialect. */
export interface Credential {
  readonly org: OrgId;
  readonly connection: ConnectionId;
  readonly strict: boolean;
  readonly settings: ProvisioningSettings;
}

/** For so long a token that was just verified is not looked up again: a revoked one ends within it (ADR 0008). */
const REMEMBERED_MS = 1_000;
const MAX_REMEMBERED = 10_000;

export interface Credentials {
  /** @returns undefined for a token that is unknown, expired or revoked. Throws DatabaseUnavailable. */
  verify(token: string): Promise<Credential | undefined>;
  /** Whose a token was that is expired or revoked; undefined for one that was never issued. */
  findRejected(token: string): Promise<RejectedToken | undefined>;
}

/** Builds the check of SCIM bearer tokens. Only here, and in a job's row, does an OrgId begin. */
export function createCredentials({
  db,
  now,
}: {
  readonly db: Database;
  readonly now: () => Date;
}): Credentials {
  const remembered = new Map<string, { readonly credential: Credential; readonly until: number }>();

  return {
    findRejected: (token) => findEndedToken(db, hashToken(token), now()),

    verify: async (token) => {
      const key = tokenDigest(token);
      const time = now();
      const known = remembered.get(key);
      if (known !== undefined && known.until > time.getTime()) return known.credential;
      remembered.delete(key);
      const hash = hashToken(token);
      const found = (await findToken(db, hash, time)).find((each) => timingSafeEqual(each.hash, hash));
      if (found === undefined) return undefined;
      const { org, id, connection, hash: _, strict, unnoted, roleSourceSetBy, ...settings } = found;
      if (unnoted) recordTokenUse(db, org, id, time);
      const credential: Credential = {
        org,
        connection,
        strict,
        settings: { ...settings, roleSourceSetBy: roleSourceSetBy ?? undefined },
      };
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(key, { credential, until: time.getTime() + REMEMBERED_MS });
      return credential;
    },
  };
}
